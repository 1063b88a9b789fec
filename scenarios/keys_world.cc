// Keys of [net], [disk] and [objects]: the simulated world.
#include "scenarios/key_table.h"

namespace tidemark::scenarios {
namespace {

using sim::DiskOptions;
using sim::Duration;
using sim::NetworkOptions;
using sim::ObjectStoreOptions;

constexpr Duration kZero{};
constexpr Duration kHour = Duration::seconds(3600);
constexpr Duration kMinute = Duration::seconds(60);
constexpr const char* kStudy = "measured or fitted, see docs/decisions.md";

void add_delays(KeyTable<NetworkOptions>& t) {
  t.real(Type::kNumber, "base_scale", &NetworkOptions::base_scale, 0.01, 100,
         "Factor on every base delay between metros; results below the fibre floor are raised to it.");
  t.duration("missing_row_constant", &NetworkOptions::missing_row_constant, kZero, kMinute,
             "Pairs without a measured row: constant part of the one-way delay.", "fit over 228 pairs of Azure");
  t.count("missing_row_per_mille", &NetworkOptions::missing_row_per_mille, 1000, 100'000,
          "Pairs without a measured row: multiple of the light time in fibre, in thousandths.",
          "fit over 228 pairs of Azure");
  t.duration("colo_round_trip", &NetworkOptions::colo_round_trip, kZero, kMinute, "Round trip inside a data centre.",
             "IBM Cloud, same zone");
  t.duration("metro_median", &NetworkOptions::metro_median, kZero, kMinute,
             "Round trip between data centres of a metro, drawn once per pair: median of the lognormal.",
             "IBM Cloud, zones");
  t.real(Type::kNumber, "metro_sigma", &NetworkOptions::metro_sigma, 0, 4, "... its sigma.", "IBM Cloud, zones");
  t.duration("metro_least", &NetworkOptions::metro_least, kZero, kMinute, "... its smallest value.",
             "IBM Cloud, zones");
  t.duration("metro_most", &NetworkOptions::metro_most, kZero, kMinute, "... its largest value.", "IBM Cloud, zones");
  t.duration("jitter_median", &NetworkOptions::jitter_median, kZero, kMinute,
             "Added to each message: median of the lognormal; 0 s = no jitter.", kStudy);
  t.real(Type::kNumber, "jitter_sigma", &NetworkOptions::jitter_sigma, 0, 4, "... its sigma.", kStudy);
  t.real(Type::kRatio, "slow_path_share", &NetworkOptions::slow_path_share, 0, 0.99,
         "Part of the time that a path between metros is slow; 0 % = never.", kStudy);
  t.duration("slow_path_dwell", &NetworkOptions::slow_path_dwell, Duration::milliseconds(1), kHour * 24,
             "Mean length of a slow visit.", kStudy);
  t.duration("slow_path_extra", &NetworkOptions::slow_path_extra, kZero, kMinute,
             "Mean of what a slow visit adds to each message.", kStudy);
}

void add_loss(KeyTable<NetworkOptions>& t) {
  t.real(Type::kRatio, "loss_ratio", &NetworkOptions::loss_ratio, 0, 0.5,
         "Part of the packets that are lost; on a stream loss is delay.", kStudy);
  t.real(Type::kNumber, "loss_burst", &NetworkOptions::loss_burst, 1, 1000, "Mean number of packets lost in a row.",
         kStudy);
  t.integer(Type::kSize, "packet_bytes", &NetworkOptions::packet_bytes, 64, 65'535, "Payload of a packet.", "Ethernet");
  t.count("recovery_per_mille", &NetworkOptions::recovery_per_mille, 0, 100'000,
          "Wait after a loss with data behind it, in thousandths of a round trip.", "RFC 8985");
  t.count("probe_round_trips", &NetworkOptions::probe_round_trips, 0, 100,
          "Wait after a loss with nothing behind it: round trips ...", "tail-loss probe of Linux");
  t.duration("probe_constant", &NetworkOptions::probe_constant, kZero, kMinute,
             "... plus this, doubled for each further loss.", "tail-loss probe of Linux");
  t.duration("probe_most", &NetworkOptions::probe_most, kZero, kHour, "Upper bound of one such wait.",
             "TCP_RTO_MAX of Linux");
}

void add_connections(KeyTable<NetworkOptions>& t) {
  t.integer(Type::kBitRate, "bandwidth", &NetworkOptions::bandwidth_bits_per_second, 0, 1e15,
            "Rate of one direction of one connection; 0 bit/s = unlimited.");
  t.duration("handshake_retry", &NetworkOptions::handshake_retry, Duration::milliseconds(1), kHour,
             "First wait before a lost handshake packet is sent again, doubled each time.", "RFC 6298");
  t.duration("connect_timeout", &NetworkOptions::connect_timeout, Duration::milliseconds(1), kHour,
             "When a connect attempt gives up.");
  t.duration("half_open_detection", &NetworkOptions::half_open_detection, Duration::milliseconds(1), kHour * 24,
             "When an end notices that its peer is gone without a word.");
}

void add_disk(std::vector<Key>& keys) {
  KeyTable<DiskOptions> t(keys, "disk", [](Scenario& s, std::size_t) -> DiskOptions& { return s.disk; });
  t.duration("fsync_median", &DiskOptions::fsync_median, kZero, kMinute,
             "Duration of a sync without its data: median of the lognormal.", kStudy);
  t.real(Type::kNumber, "fsync_sigma", &DiskOptions::fsync_sigma, 0, 4, "... its sigma; 0 = always the median.",
         kStudy);
  t.real(Type::kRatio, "fsync_tail_ratio", &DiskOptions::fsync_tail_ratio, 0, 1,
         "Part of the syncs that are drawn from the Pareto tail instead.", kStudy);
  t.duration("fsync_tail_minimum", &DiskOptions::fsync_tail_minimum, Duration::nanoseconds(1), kMinute,
             "Smallest value of the tail.", kStudy);
  t.real(Type::kNumber, "fsync_tail_alpha", &DiskOptions::fsync_tail_alpha, 0.1, 20, "Exponent of the tail.",
         "histogram of 100,037 syncs of a live etcd");
  t.duration("fsync_tail_cap", &DiskOptions::fsync_tail_cap, Duration::nanoseconds(1), kHour,
             "Largest value of the tail.", kStudy);
  t.integer(Type::kByteRate, "bandwidth", &DiskOptions::bytes_per_second, 0, 1e15,
            "Rate at which written data go to the medium during a sync; 0 B/s = unlimited.");
}

void add_objects(std::vector<Key>& keys) {
  KeyTable<ObjectStoreOptions> t(keys, "objects",
                                 [](Scenario& s, std::size_t) -> ObjectStoreOptions& { return s.objects; });
  const auto pair = [&t](const char* median, Duration ObjectStoreOptions::*median_member, const char* sigma,
                         double ObjectStoreOptions::*sigma_member, const char* doc) {
    t.duration(median, median_member, kZero, kHour, doc, kStudy);
    t.real(Type::kNumber, sigma, sigma_member, 0, 4, "... its sigma; 0 = always the median.", kStudy);
  };
  pair("get_median", &ObjectStoreOptions::get_median, "get_sigma", &ObjectStoreOptions::get_sigma,
       "GET until the first byte, besides the round trip: median of the lognormal.");
  pair("put_median", &ObjectStoreOptions::put_median, "put_sigma", &ObjectStoreOptions::put_sigma,
       "PUT, besides round trip and transfer: median of the lognormal.");
  pair("list_median", &ObjectStoreOptions::list_median, "list_sigma", &ObjectStoreOptions::list_sigma,
       "LIST, besides the round trip: median of the lognormal.");
  pair("remove_median", &ObjectStoreOptions::remove_median, "remove_sigma", &ObjectStoreOptions::remove_sigma,
       "DELETE, besides the round trip: median of the lognormal.");
  t.integer(Type::kByteRate, "bandwidth", &ObjectStoreOptions::bytes_per_second, 0, 1e15,
            "Rate of one stream to or from the store; 0 B/s = unlimited.", "one stream of S3");
  t.count("list_page_keys", &ObjectStoreOptions::list_page_keys, 1, 1'000'000, "Most keys in one page of a list.",
          "S3's limit");
}

}  // namespace

void add_world_keys(std::vector<Key>& keys) {
  KeyTable<NetworkOptions> t(keys, "net", [](Scenario& s, std::size_t) -> NetworkOptions& { return s.net; });
  add_delays(t);
  add_loss(t);
  add_connections(t);
  add_disk(keys);
  add_objects(keys);
}

}  // namespace tidemark::scenarios

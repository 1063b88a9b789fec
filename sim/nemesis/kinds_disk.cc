// The rows of disk faults, and what they have in common: the files that are hit.
#include "sim/nemesis/fault_kinds.h"

namespace tidemark::sim::detail {
namespace {

constexpr FaultRoles kDisks = kRolesDatabase;
constexpr std::int64_t kMillion = 1'000'000;
constexpr FaultShape kInterval = FaultShape::kInterval;
constexpr FaultShape kInstant = FaultShape::kInstant;
constexpr FaultShape kOutage = FaultShape::kOutage;

ParameterInfo files() {
  return text("files", "", "only files whose name ends with this, for instance \"-wal\"; empty: all files");
}
ParameterInfo operations() {
  return choice("operations", {"all", "read", "write", "sync"}, "which operations are hit");
}
ParameterInfo chance(std::int64_t fallback) {
  return ratio("chance", fallback, 1, kMillion, "part of the operations hit");
}

/// D10 to D15: the target loses power, with this fate of what was not synced.
FaultKindInfo power_loss(FaultKind kind, const char* id, const char* name, const char* meaning,
                         std::vector<ParameterInfo> parameters) {
  return {kind, id, name, meaning, kDisks, kOutage, FaultCost::kUnreachable, std::move(parameters)};
}

void add_crash_image_kinds(std::vector<FaultKindInfo>& rows) {
  rows.push_back(power_loss(
      FaultKind::kD10, "D10", "lost-writes",
      "Power loss: of the writes since the last sync none, the first ones, or an arbitrary subset are on the disk.",
      {choice("survivors", {"prefix", "none", "subset"}, "which writes are kept")}));
  rows.push_back(power_loss(FaultKind::kD11, "D11", "torn-writes",
                            "Power loss: an un-synced write keeps some of its 512-byte sectors only.",
                            {choice("survivors", {"prefix", "subset"}, "what else is kept"),
                             ratio("tear", 500'000, 1, kMillion, "part of the pages that are torn")}));
  rows.push_back(
      power_loss(FaultKind::kD12, "D12", "torn-sectors",
                 "Power loss: inside a sector one part of an un-synced write is new, the rest is old or garbage.",
                 {ratio("torn", 300'000, 1, kMillion, "part of the sectors that are torn"),
                  ratio("garbage_rest", 500'000, 0, kMillion, "part of those whose rest is garbage")}));
  rows.push_back(power_loss(FaultKind::kD13, "D13", "garbage",
                            "Power loss: un-synced bytes of sectors that were being written are random.",
                            {ratio("garbage", 500'000, 1, kMillion, "part of the sectors hit")}));
  rows.push_back(
      power_loss(FaultKind::kD14, "D14", "lost-length",
                 "Power loss: a file has its old length again, or the new one with zeros in place of content.",
                 {ratio("loose", kMillion, 1, kMillion, "part of the files whose length has a fate of its own")}));
  rows.push_back(
      {FaultKind::kD15,
       "D15",
       "lost-names",
       "Creating, renaming and removing a file is undone by a power loss at the end of the fault unless the directory "
       "was synced; after a rename both names may exist.",
       kDisks,
       kInterval,
       FaultCost::kUnreachable,
       {ratio("both_names", 250'000, 0, kMillion, "part of the undone renames that leave both names"),
        duration("down", 500, 1, 600'000, "time from the power loss to the restart")}});
}

}  // namespace

void add_disk_kinds(std::vector<FaultKindInfo>& rows) {
  rows.push_back({FaultKind::kD1,
                  "D1",
                  "slow-disk",
                  "Syncs take longer and the disk carries fewer bytes per second.",
                  kDisks,
                  kInterval,
                  FaultCost::kNothing,
                  {count("factor", 10, 1, 10'000, "factor on the service time of a sync"),
                   duration("extra", 5, 0, 60'000, "added to each sync"),
                   count("bytes_per_second", 0, 0, 1'000'000'000'000, "bandwidth; 0: as before")}});
  rows.push_back({FaultKind::kD2,
                  "D2",
                  "disk-stall",
                  "Syncs do not complete during the fault, then all do.",
                  kDisks,
                  kInterval,
                  FaultCost::kUnreachable,
                  {}});
  rows.push_back({FaultKind::kD3,
                  "D3",
                  "disk-hang",
                  "Syncs never complete until the process is restarted, which happens when the fault ends.",
                  kDisks,
                  kInterval,
                  FaultCost::kUnreachable,
                  {}});
  rows.push_back({FaultKind::kD4,
                  "D4",
                  "io-error",
                  "An operation fails and changes nothing; the next try may pass.",
                  kDisks,
                  kInterval,
                  FaultCost::kUnreachable,
                  {operations(), chance(50'000), files()}});
  rows.push_back({FaultKind::kD5,
                  "D5",
                  "sticky-io-error",
                  "A file that failed once fails until the fault ends.",
                  kDisks,
                  kInterval,
                  FaultCost::kUnreachable,
                  {operations(), chance(200'000), files()}});
  rows.push_back(
      {FaultKind::kD6,
       "D6",
       "forgetful-sync",
       "A sync fails and its bytes count as clean although they were not stored; a second sync returns success.",
       kDisks,
       kInterval,
       FaultCost::kDestroys,
       {chance(100'000), ratio("old_content", 500'000, 0, kMillion, "part of the pages that read as before"),
        files()}});
  rows.push_back({FaultKind::kD7,
                  "D7",
                  "lying-sync",
                  "A sync returns success although its bytes stay volatile until a later true sync.",
                  kDisks,
                  kInterval,
                  FaultCost::kLies,
                  {chance(500'000), files()}});
  rows.push_back({FaultKind::kD8,
                  "D8",
                  "no-space",
                  "The disk is full: a write that needs room fails, perhaps after storing a part.",
                  kDisks,
                  kInterval,
                  FaultCost::kUnreachable,
                  {ratio("partial", 500'000, 0, kMillion, "part of the failing writes that store what fits")}});
  rows.push_back(
      {FaultKind::kD9,
       "D9",
       "short-io",
       "A read or write handles fewer bytes than asked.",
       kDisks,
       kInterval,
       FaultCost::kUnreachable,
       {choice("operations", {"all", "read", "write"}, "which operations are hit"), chance(50'000), files()}});
  add_crash_image_kinds(rows);
  rows.push_back({FaultKind::kD16,
                  "D16",
                  "flip-on-write",
                  "One bit of what is written is stored flipped.",
                  kDisks,
                  kInterval,
                  FaultCost::kDestroys,
                  {chance(50'000), files()}});
  rows.push_back({FaultKind::kD17,
                  "D17",
                  "flip-on-read",
                  "One bit of what a read returns is flipped, this once.",
                  kDisks,
                  kInterval,
                  FaultCost::kUnreachable,
                  {chance(50'000), files()}});
  rows.push_back({FaultKind::kD18,
                  "D18",
                  "rot",
                  "Stored sectors change by themselves.",
                  kDisks,
                  kInstant,
                  FaultCost::kDestroys,
                  {count("sectors", 1, 1, 1'000, "sectors changed"),
                   choice("form", {"bit-flip", "garbage"}, "how a sector changes"), files()}});
  rows.push_back({FaultKind::kD21,
                  "D21",
                  "lost-write",
                  "A write is acknowledged and synced but never reaches the medium: the previous version stays.",
                  kDisks,
                  kInterval,
                  FaultCost::kUndetectable,
                  {chance(50'000),
                   choice("shows", {"after-restart", "at-once"}, "when reads show the previous version"), files()}});
  rows.push_back({FaultKind::kD23,
                  "D23",
                  "wipe",
                  "The machine loses power and comes back with an empty disk.",
                  kDisks,
                  kOutage,
                  FaultCost::kDestroys,
                  {files()}});
  rows.push_back({FaultKind::kD24,
                  "D24",
                  "rollback",
                  "The machine loses power and comes back with the image of its disk from the beginning of the fault.",
                  kDisks,
                  kInterval,
                  FaultCost::kUndetectable,
                  {duration("down", 500, 1, 600'000, "time from the power loss to the restart")}});
  rows.push_back({FaultKind::kD25,
                  "D25",
                  "file-missing",
                  "The process dies and comes back with one of its files gone or empty.",
                  kDisks,
                  kOutage,
                  FaultCost::kDestroys,
                  {choice("form", {"missing", "empty"}, "what became of the file"), files()}});
  rows.push_back({FaultKind::kD26,
                  "D26",
                  "wal-index-lost",
                  "The process dies and the shared-memory index of its WAL is lost, so it must be rebuilt.",
                  kRolePrimary | kRoleReplica,
                  kOutage,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kD29,
                  "D29",
                  "early-flush",
                  "Un-synced writes become durable early, in an order of the system's own.",
                  kDisks,
                  kInterval,
                  FaultCost::kNothing,
                  {chance(200'000),
                   ratio("whole_file", 500'000, 0, kMillion, "part of the times that all of the file does"), files()}});
}

}  // namespace tidemark::sim::detail

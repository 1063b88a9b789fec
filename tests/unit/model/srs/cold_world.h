// A world for stories about cold storage alone: the real object store with its faults, leaders that come and go (their
// ColdWriter in a process each), a reader, and a log made up entry by entry with the reference image after each. Pages
// are 64 bytes, so that objects are small.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/srs/cold_format.h"
#include "model/srs/cold_reader.h"
#include "model/srs/cold_writer.h"
#include "model/srs/time_travel.h"
#include "model/types/null_observer.h"
#include "sim/disk/object_store_sim.h"

namespace tidemark::model::srs::test {

using namespace sim::literals;

inline constexpr std::uint32_t kTinyPage = 64;

inline sim::BufferRef tiny_page(std::uint64_t number) {
  std::vector<std::byte> bytes(kTinyPage);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>((number * 0x9e3779b97f4a7c15U) >> (i % 57));
  return sim::Buffer::copy(bytes);
}

inline bool same_pages(const PageTable& a, const PageTable& b) {
  return a.pages() == b.pages() && std::equal(a.contents().begin(), a.contents().end(), b.contents().begin(),
                                              [](const auto& x, const auto& y) { return x->digest() == y->digest(); });
}

/// Notes what concerns cold storage, ignores the rest.
class ColdObserver final : public NullObserver {
 public:
  void on_snapshot(std::uint32_t, const Bookmark& label, const PageReader&) override { snapshots.push_back(label); }
  void on_segment(std::uint32_t, const Bookmark&, const Bookmark& last) override { segments.push_back(last); }
  void on_cold_removed(std::uint32_t, const Bookmark& up_to) override { removed.push_back(up_to); }
  std::vector<Bookmark> snapshots, segments, removed;
};

class ColdEnv final : public Env {
 public:
  ColdEnv(sim::Process& process, sim::StreamRegistry& streams, sim::ObjectStore& cold)
      : process_(process), streams_(streams), cold_(cold) {}
  sim::Process& process() override { return process_; }
  sim::RandomStream& random(std::string_view purpose) override { return streams_.stream(process_.name(), purpose); }
  sim::Transport& network() override { return unused<sim::Transport>(); }
  sim::FileSystem& files() override { return unused<sim::FileSystem>(); }
  sim::ObjectStore& cold() override { return cold_; }
  sim::Instant wall_now() override { return now() + clock_error; }
  sim::Duration clock_error;

 private:
  template <typename T>
  T& unused() {
    TIDEMARK_ASSERT(false, "cold storage needs neither network nor files");
    return *static_cast<T*>(nullptr);
  }
  sim::Process& process_;
  sim::StreamRegistry& streams_;
  sim::ObjectStore& cold_;
};

struct ColdWorldOptions {
  RelayOptions relay;
  BugSet bugs;
  std::uint64_t seed = 1;
  std::string database = "orders";
};

class ColdWorld {
 public:
  explicit ColdWorld(ColdWorldOptions chosen = {})
      : options(std::move(chosen)),
        streams(options.seed),
        store(scheduler, streams, {}),
        random(streams.stream("world", "story")) {
    images.emplace_back(Bookmark{}, std::vector<sim::BufferRef>{tiny_page(0)});
    reader = &add("reader");
  }

  struct Host final : ColdWriter::Listener {
    Host(ColdWorld& owner, std::uint32_t id, std::string name)
        : world(owner),
          process(owner.scheduler, id, std::move(name)),
          env(process, owner.streams, owner.store.client(process, 2_ms)) {
      process.set_factory([](sim::Process&) { return std::make_unique<sim::Program>(); });
      process.start();
    }
    ~Host() override { writer.reset(); }
    void on_uploaded(const Bookmark& up_to) override {
      reports.push_back(up_to);
      world.uploaded = std::max(world.uploaded, up_to);
    }
    RelaySetup setup() {
      return {env, world.options.relay, world.options.bugs, world.seen, 0, world.options.database, kTinyPage, 20000};
    }
    ColdWorld& world;
    sim::Process process;
    ColdEnv env;
    std::unique_ptr<ColdWriter> writer;
    std::vector<Bookmark> reports;
  };

  Host& add(const std::string& name) {
    hosts.push_back(std::make_unique<Host>(*this, next_id_++, name));
    return *hosts.back();
  }

  // --- The log. images[i] is the state after log[i - 1]; images[0] the origin. ---

  const Bookmark& last() const { return images.back().at(); }
  /// One confirmed entry of `epoch` with a few pages drawn.
  EntryRef commit(std::uint32_t epoch, sim::Instant committed, std::uint32_t most_pages = 12) {
    CommittedTransaction transaction;
    const std::uint32_t before = images.back().pages();
    transaction.database_pages = before;
    if (before < most_pages && random.chance(1, 3)) transaction.database_pages = before + 1;
    if (before > 2 && random.chance(1, 12)) transaction.database_pages = before - 1;
    const std::uint64_t count = 1 + random.below(3);
    std::set<std::uint32_t> pages;
    for (std::uint64_t i = 0; i < count; ++i)
      pages.insert(1 + static_cast<std::uint32_t>(random.below(transaction.database_pages)));
    if (transaction.database_pages > before) pages.insert(transaction.database_pages);
    for (const std::uint32_t page : pages) transaction.frames.push_back({page, tiny_page(++next_page_)});
    log.push_back(Entry::make(last(), epoch, 20000, std::move(transaction), committed));
    PageTable image = images.back();
    image.apply(*log.back());
    images.push_back(std::move(image));
    return log.back();
  }
  /// nullptr when there is no such state.
  const PageTable* reference(const Bookmark& at) const {
    const auto found = std::lower_bound(images.begin(), images.end(), at,
                                        [](const PageTable& image, const Bookmark& b) { return image.at() < b; });
    return found != images.end() && found->at() == at ? &*found : nullptr;
  }
  std::vector<EntryRef> after(const Bookmark& position) const {
    std::vector<EntryRef> out;
    for (const EntryRef& entry : log) {
      if (entry->bookmark() > position) out.push_back(entry);
    }
    return out;
  }

  // --- Doing things. ---

  void run(sim::Duration duration) { scheduler.run_until(scheduler.now() + duration); }
  /// The first leader, of an empty database.
  Host& first_leader() {
    Host& host = add("leader 1");
    host.writer = std::make_unique<ColdWriter>(host.setup(), images.front(), host);
    return host;
  }
  /// `host` continues from what it has read.
  void lead(Host& host, const ColdImage& from) {
    host.writer = std::make_unique<ColdWriter>(host.setup(), from.at_end(), host, from.stock);
    for (const EntryRef& entry : after(from.position())) host.writer->add(entry);
  }
  void write(Host& host, std::uint32_t epoch, int entries = 1) {
    for (int i = 0; i < entries; ++i) host.writer->add(commit(epoch, host.env.wall_now()));
  }
  ColdImage read(Host& host, sim::Duration limit = 600_s) {
    auto result = std::make_shared<std::pair<bool, ColdImage>>();
    host.process.spawn(read_into(host.setup(), result));
    const sim::Instant end = scheduler.now() + limit;
    while (!result->first && scheduler.step(end)) {
    }
    return result->second;
  }
  ColdImage read() { return read(*reader); }
  TimeTravelImage travel(const Bookmark& target, std::vector<EntryRef> tail = {}) {
    auto result = std::make_shared<std::pair<bool, TimeTravelImage>>();
    reader->process.spawn(travel_into(reader->setup(), target, std::move(tail), result));
    while (!result->first && scheduler.step()) {
    }
    return result->second;
  }
  TimeTravelBookmark find(sim::Instant time, std::vector<EntryRef> tail = {}) {
    return find_with(time, recent_log(std::move(tail)));
  }
  TimeTravelBookmark find_with(sim::Instant time, RecentLog recent) {
    auto result = std::make_shared<std::pair<bool, TimeTravelBookmark>>();
    reader->process.spawn(find_into(reader->setup(), time, std::move(recent), result));
    while (!result->first && scheduler.step()) {
    }
    return result->second;
  }
  /// As a follower uploads orphans: entries [from, to) of the log, once, whatever comes of it.
  void upload(Host& host, std::size_t from, std::size_t to) {
    const std::vector<EntryRef> entries(log.begin() + static_cast<std::ptrdiff_t>(from),
                                        log.begin() + static_cast<std::ptrdiff_t>(to));
    put(host, segment_key(options.database, entries.front()->bookmark(), entries.back()->bookmark()),
        encode_segment(entries, kTinyPage));
  }
  void put(Host& host, std::string key, sim::ObjectBody body) {
    host.process.spawn(put_once(host.env.cold(), std::move(key), std::move(body)));
  }
  void remove(const std::string& key) { reader->process.spawn(remove_once(reader->env.cold(), key)); }
  std::vector<std::string> keys(const std::string& kind) const {
    return store.keys(options.database + "/" + kind + "/");
  }

  ColdWorldOptions options;  // may change during a story
  sim::Scheduler scheduler;
  sim::StreamRegistry streams;
  sim::SimObjectStore store;
  sim::RandomStream& random;
  ColdObserver seen;
  std::vector<EntryRef> log;
  std::vector<PageTable> images;
  Bookmark uploaded;  // newest that any leader was told to be in cold storage
  std::vector<std::unique_ptr<Host>> hosts;
  Host* reader = nullptr;

 private:
  static sim::Task<void> read_into(RelaySetup setup, std::shared_ptr<std::pair<bool, ColdImage>> out) {
    out->second = co_await read_cold(setup);
    out->first = true;
  }
  static RecentLog recent_log(std::vector<EntryRef> tail) {
    const Bookmark stored = tail.empty() ? Bookmark{} : tail.front()->previous();
    return {stored, std::move(tail)};
  }
  static sim::Task<void> travel_into(RelaySetup setup, Bookmark target, std::vector<EntryRef> tail,
                                     std::shared_ptr<std::pair<bool, TimeTravelImage>> out) {
    out->second = co_await image_at(setup, target, recent_log(std::move(tail)));
    out->first = true;
  }
  static sim::Task<void> find_into(RelaySetup setup, sim::Instant time, RecentLog recent,
                                   std::shared_ptr<std::pair<bool, TimeTravelBookmark>> out) {
    out->second = co_await bookmark_for_time(setup, time, std::move(recent));
    out->first = true;
  }
  static sim::Task<void> put_once(sim::ObjectStore& store, std::string key, sim::ObjectBody body) {
    co_await store.put(std::move(key), std::move(body));
  }
  static sim::Task<void> remove_once(sim::ObjectStore& store, std::string key) {
    co_await store.remove(std::move(key));
  }

  std::uint32_t next_id_ = 1;
  std::uint64_t next_page_ = 0;
};

inline BugSet cold_bug(Bug which) {
  BugSet bugs;
  bugs.add(which);
  return bugs;
}

}  // namespace tidemark::model::srs::test

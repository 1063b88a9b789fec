// Test kit of the SQLite room: a primary and a replica without a world around them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "memory_files.h"
#include "model/sqlite/checkpoint.h"
#include "model/sqlite/connection.h"
#include "model/sqlite/database.h"
#include "model/sqlite/image.h"
#include "model/sqlite/library.h"
#include "model/sqlite/vfs.h"
#include "model/sqlite/wal_capture.h"
#include "model/sqlite/wal_scan.h"
#include "model/sqlite/wal_writer.h"
#include "sim/core/random.h"

namespace tidemark::model::sqlite {

inline constexpr char kName[] = "db";

/// One machine with one copy.
struct Machine {
  explicit Machine(std::uint32_t page_size, std::uint64_t seed = 1) : size(page_size), stream(seed, "copy") { boot(); }
  /// A process on the same files: wal-index and locks are new.
  void boot() {
    vfs.reset();
    Surroundings surroundings;
    surroundings.random = [this] { return stream(); };
    surroundings.unix_ms = [this] { return clock_ms; };
    surroundings.on_sleep = [](sim::Duration) {};
    vfs = std::make_unique<Vfs>(files, kName, size, surroundings);
  }
  const std::uint32_t size;
  sim::RandomStream stream;
  std::int64_t clock_ms = 1'750'000'000'000;
  MemoryFiles files;
  std::unique_ptr<Vfs> vfs;
};

struct Commit {
  CommittedTransaction transaction;
  WalPosition end;
  Digest128 content;  // of the database after it
};

struct CommitLog final : CommitListener {
  void on_commit(CommittedTransaction transaction, WalPosition end) override {
    commits.push_back({std::move(transaction), end, {}});
  }
  std::vector<Commit> commits;
};

/// Digest of every row of every table, by whatever runs SQL.
template <typename Run>
Digest128 content_digest(Run&& run) {
  Digest128 digest;
  const ResultSetRef tables = run("SELECT name, sql FROM sqlite_schema ORDER BY type, name");
  digest = mix(digest, tables->digest().low);
  for (std::uint32_t i = 0; i < tables->rows(); ++i) {
    const std::string_view sql = tables->row(i)[1].type == CellType::kText ? tables->row(i)[1].text() : "";
    if (sql.substr(0, 12) != "CREATE TABLE") continue;
    digest =
        mix(digest, run("SELECT * FROM \"" + std::string(tables->row(i)[0].text()) + "\" ORDER BY 1, 2")->digest().low);
  }
  return digest;
}

inline Digest128 content_of(Connection& connection) {
  return content_digest([&](const std::string& sql) {
    StatementOutcome outcome;
    const SqlError error = connection.run(sql, {}, outcome);
    EXPECT_EQ(error.text, "") << sql;
    return outcome.rows;
  });
}
template <typename Queries>
Digest128 content_of_queries(Queries& queries) {
  return content_digest([&](const std::string& sql) {
    Outcome outcome = queries.execute(sql);
    EXPECT_EQ(outcome.error.text, "") << sql;
    return outcome.ok() ? outcome.statements.front().rows : ResultSet::Builder(column_names({})).finish();
  });
}
inline Digest128 content_of(Database& database) {
  return content_of_queries(database);
}
inline Digest128 content_of(ReadTransaction& reader) {
  return content_of_queries(reader);
}

inline std::unique_ptr<Database> open_database(Vfs& vfs, Role role) {
  SqlError error;
  std::unique_ptr<Database> database = Database::open(vfs, role, {}, error);
  EXPECT_EQ(error.text, "");
  return database;
}

/// A primary with capture, and an unguarded connection for what users may not do.
struct Primary : Machine {
  explicit Primary(std::uint32_t page_size, std::uint32_t raw_cache_pages = 10, BugSet bugs = {})
      : Machine(page_size, 7) {
    database = open_database(*vfs, Role::kPrimary);
    capture = std::make_unique<WalCapture>(*vfs, log, bugs);
    raw = std::make_unique<Connection>(*vfs, ConnectionOptions{Guard::kNone, raw_cache_pages, 16, 0});
    EXPECT_EQ(raw->open().text, "");
  }
  /// Runs on the unguarded connection; labels new commits with the content.
  SqlError run(const std::string& sql) {
    const SqlError error = raw->run(sql);
    label();
    return error;
  }
  void label() {
    if (!log.commits.empty() && log.commits.back().content == Digest128{})
      log.commits.back().content = content_of(*raw);
  }
  CommitLog log;
  std::unique_ptr<Database> database;
  std::unique_ptr<WalCapture> capture;
  std::unique_ptr<Connection> raw;
};

/// A replica. Order of construction as the rules want it: files, writer, database.
struct Replica : Machine {
  Replica(std::uint32_t page_size, const std::vector<sim::BufferRef>& image) : Machine(page_size, 9) {
    EXPECT_EQ(install_image(*vfs, image), sim::IoStatus::kOk);
    start(0);
  }
  WalWriter::Opened start(std::uint32_t confirmed_frame) {
    writer = std::make_unique<WalWriter>(*vfs);
    const WalWriter::Opened opened = writer->open(confirmed_frame);
    database = open_database(*vfs, Role::kReplica);
    return opened;
  }
  void stop() {
    database.reset();
    writer.reset();
    boot();
  }
  std::unique_ptr<WalWriter> writer;
  std::unique_ptr<Database> database;
};

/// Content of the wal-index up to the visible frame, as look-ups see it.
struct IndexContent {
  IndexHeader header;
  std::vector<std::uint32_t> pages;               // by frame
  std::vector<std::vector<std::uint16_t>> slots;  // per region, entries of hidden frames blanked
};

inline IndexContent index_content(Vfs& vfs) {
  IndexContent content;
  EXPECT_TRUE(vfs.read_index_header(content.header));
  std::uint32_t left = content.header.last_frame;
  for (std::uint32_t region = 0; left != 0; ++region) {
    const std::byte* bytes = vfs.index_region(region, false);
    if (bytes == nullptr) {
      ADD_FAILURE() << "region " << region << " is missing";
      return content;
    }
    const std::uint32_t capacity = region == 0 ? kFirstRegionFrames : kRegionFrames;
    const std::uint32_t used = std::min(left, capacity);
    const auto* pages = reinterpret_cast<const std::uint32_t*>(region == 0 ? bytes + kIndexHeaderBytes : bytes);
    content.pages.insert(content.pages.end(), pages, pages + used);
    const auto* slots = reinterpret_cast<const std::uint16_t*>(bytes + kRegionFrames * 4);
    std::vector<std::uint16_t>& kept = content.slots.emplace_back(slots, slots + kRegionSlots);
    for (std::uint16_t& slot : kept) slot = slot > used ? 0 : slot;
    left -= used;
  }
  return content;
}

/// Empty when our wal-index says the same as the one that stock SQLite builds by recovery from the same WAL, cut behind
/// the visible frame; else what differs.
inline std::string compare_with_recovery(Vfs& ours, std::uint32_t page_size) {
  Machine stock(page_size, 11);
  const ExportedFiles files = export_files(ours);
  stock.files.open(kName).write(0, files.database);
  if (!files.wal.empty()) stock.files.open(std::string(kName) + "-wal").write(0, files.wal);
  Connection connection(*stock.vfs, {Guard::kNone, 100, 16, 0});
  if (const SqlError error = connection.open()) return error.text;
  if (const SqlError error = connection.run("SELECT count(*) FROM sqlite_schema")) return error.text;
  const IndexContent a = index_content(ours);
  const IndexContent b = index_content(*stock.vfs);
  if (a.header.last_frame != b.header.last_frame) return "last frame " + std::to_string(b.header.last_frame);
  if (a.header.last_frame == 0) return {};
  if (a.header.pages != b.header.pages) return "pages";
  if (a.header.page_size != b.header.page_size) return "page size";
  if (a.header.big_endian_checksums != b.header.big_endian_checksums) return "byte order";
  if (!(a.header.frame_checksum == b.header.frame_checksum)) return "frame checksum";
  if (!(a.header.salts == b.header.salts)) return "salts";
  if (a.pages != b.pages) return "page numbers";
  if (a.slots != b.slots) return "hash slots";
  // Look-ups of every page that the WAL holds, and of the images behind them.
  const Image mine(ours);
  const Image theirs(*stock.vfs);
  for (std::uint32_t page = 1; page <= a.header.pages; ++page) {
    if (theirs.page(page)->digest() != mine.page(page)->digest()) return "page " + std::to_string(page);
  }
  StatementOutcome check;
  if (const SqlError error = connection.run("PRAGMA integrity_check", {}, check)) return error.text;
  if (check.rows->row(0)[0].text() != "ok") return std::string(check.rows->row(0)[0].text());
  return {};
}

}  // namespace tidemark::model::sqlite

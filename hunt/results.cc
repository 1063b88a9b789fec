#include "hunt/results.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/assert.h"
#include "base/digest.h"
#include "hunt/sql.h"

namespace tidemark::hunt {
namespace {

constexpr std::int64_t kApplicationId = 0x54444d48;  // "TDMH"
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kSteeredVersion = 2;  // as 1, with one table more

constexpr char kSchema[] = R"(
CREATE TABLE campaign(
  scenario TEXT NOT NULL, scenario_digest TEXT NOT NULL, resolved TEXT NOT NULL,
  options TEXT NOT NULL, commit_id TEXT NOT NULL, sqlite TEXT NOT NULL);
CREATE TABLE classes(id TEXT PRIMARY KEY, check_name TEXT NOT NULL, shape TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE seeds(
  seed INTEGER PRIMARY KEY, -- above 2^63 - 1: minus 2^64
  verdict TEXT NOT NULL, code INTEGER NOT NULL, digest TEXT NOT NULL,
  class TEXT REFERENCES classes(id), -- NULL: as it should be
  events INTEGER NOT NULL, operations INTEGER NOT NULL, virtual_s REAL NOT NULL, wall_s REAL NOT NULL,
  twice INTEGER NOT NULL, other_digest TEXT, witness TEXT,
  row_hash INTEGER NOT NULL); -- XXH3-64 of the line of the export
)";

constexpr char kSteeredSchema[] = R"(
CREATE TABLE steered(
  run INTEGER PRIMARY KEY, -- seeds.seed
  seed INTEGER NOT NULL, -- likewise above 2^63 - 1
  way TEXT NOT NULL,
  parent INTEGER NOT NULL, -- the run whose plan was changed; 0: none
  how TEXT NOT NULL, plan TEXT NOT NULL, -- empty: as the seed draws it
  reached TEXT NOT NULL, -- features, then marks
  row_hash INTEGER NOT NULL); -- XXH3-64 of all that
)";

constexpr char kInsertSteered[] = "INSERT INTO steered VALUES(?,?,?,?,?,?,?,?)";
constexpr char kSelectSteered[] =
    "SELECT run, steered.seed, way, parent, how, plan, reached, steered.row_hash, class IS NOT NULL FROM steered JOIN "
    "seeds ON seeds.seed = run";

constexpr char kInsert[] =
    "INSERT INTO seeds(seed, verdict, code, digest, class, events, operations, virtual_s, wall_s, twice, other_digest, "
    "witness, row_hash) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr char kSelect[] =
    "SELECT seed, verdict, code, digest, check_name, shape, events, operations, virtual_s, wall_s, twice, "
    "other_digest, "
    "witness, row_hash FROM seeds LEFT JOIN classes ON classes.id = seeds.class";

std::int64_t row_hash(const Outcome& outcome) {
  return static_cast<std::int64_t>(hash_name(export_line(outcome)));
}

std::int64_t row_hash(const SteeredRun& row) {
  const std::string text = export_line(row) + row.plan + "\n" + row.reached;
  return static_cast<std::int64_t>(hash_name(text));
}

SteeredRun steered_of(const Statement& row) {
  SteeredRun steered;
  steered.run = static_cast<std::uint64_t>(row.number(0));
  steered.seed = static_cast<std::uint64_t>(row.number(1));
  steered.way = row.text(2);
  steered.parent = static_cast<std::uint64_t>(row.number(3));
  steered.how = row.text(4);
  steered.plan = row.text(5);
  steered.reached = row.text(6);
  return steered;
}

Outcome outcome_of(const Statement& row) {
  Outcome outcome;
  outcome.seed = static_cast<std::uint64_t>(row.number(0));
  outcome.verdict = row.text(1);
  outcome.code = static_cast<int>(row.number(2));
  outcome.digest = row.text(3);
  if (!row.is_null(4)) outcome.failure = reports::FailureClass{row.text(4), row.text(5)};
  outcome.events = static_cast<std::uint64_t>(row.number(6));
  outcome.operations = static_cast<std::uint64_t>(row.number(7));
  outcome.virtual_seconds = row.real(8);
  outcome.wall_seconds = row.real(9);
  outcome.twice = row.number(10) != 0;
  outcome.other_digest = row.text(11);
  outcome.witness = row.text(12);
  return outcome;
}

/// What the bytes of a file say before SQLite is let near it.
enum class Kind : std::uint8_t { kMissing, kEmpty, kOurs, kForeign };

Kind kind_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Kind::kMissing;
  std::ifstream file(path, std::ios::binary);
  std::array<char, 100> head{};
  file.read(head.data(), head.size());
  if (file.gcount() == 0) return std::filesystem::is_regular_file(path, error) ? Kind::kEmpty : Kind::kForeign;
  constexpr std::size_t kIdAt = 68;
  std::int64_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = id << 8 | static_cast<unsigned char>(head[kIdAt + i]);
  const bool is_sqlite = std::memcmp(head.data(), "SQLite format 3", 16) == 0;
  return is_sqlite && id == kApplicationId ? Kind::kOurs : Kind::kForeign;
}

}  // namespace

struct Results::Database {
  Connection connection;
  std::optional<Statement> insert, insert_class, insert_steered;
  std::vector<std::uint64_t> seeds;

  Database(const std::string& path, bool create) : connection(path, create) {}
  void prepare(bool steered) {
    insert.emplace(connection, kInsert);
    if (steered) insert_steered.emplace(connection, kInsertSteered);
    insert_class.emplace(connection, "INSERT OR IGNORE INTO classes VALUES(?,?,?)");
  }

  void make(const Campaign& campaign) {
    connection.run("BEGIN IMMEDIATE");
    connection.run(fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", kApplicationId,
                               campaign.steered ? kSteeredVersion : kVersion));
    connection.run(kSchema);
    if (campaign.steered) connection.run(kSteeredSchema);
    Statement row(connection, "INSERT INTO campaign VALUES(?,?,?,?,?,?)");
    row.bind(1, campaign.scenario).bind(2, digest_text(campaign.resolved).hex()).bind(3, campaign.resolved);
    row.bind(4, campaign.options).bind(5, campaign.commit).bind(6, campaign.sqlite).step();
    connection.run("COMMIT");
  }

  /// Throws ResultsError when the file is not sound.
  void check(const std::string& path) {
    const std::int64_t version = connection.number("PRAGMA user_version");
    if (version > kSteeredVersion)
      throw ResultsError(fmt::format("{}: was written by a newer Tidemark (version {} of the file, this one knows {})",
                                     path, version, kSteeredVersion));
    const std::string sound = connection.text("PRAGMA quick_check");
    if (sound != "ok" || version < kVersion) throw ResultsError(fmt::format("{}: is damaged: {}", path, sound));
    if (connection.number("SELECT count(*) FROM campaign") != 1)
      throw ResultsError(fmt::format("{}: is damaged: it does not say what it is of", path));
  }

  Campaign read_campaign() {
    Statement row(connection, "SELECT resolved, commit_id, sqlite, scenario, options FROM campaign");
    row.step();
    const bool steered = connection.number("PRAGMA user_version") == kSteeredVersion;
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), steered};
  }

  /// Every row against its hash.
  void read_seeds(const std::string& path) {
    Statement row(connection, kSelect);
    while (row.step()) {
      const Outcome outcome = outcome_of(row);
      if (row_hash(outcome) != row.number(13))
        throw ResultsError(fmt::format("{}: is damaged: the row of seed {}", path, outcome.seed));
      seeds.push_back(outcome.seed);
    }
    std::sort(seeds.begin(), seeds.end());
  }
  void read_steered(const std::string& path) {
    Statement row(connection, kSelectSteered);
    std::size_t count = 0;
    while (row.step()) {
      ++count;
      if (row_hash(steered_of(row)) != row.number(7))
        throw ResultsError(fmt::format("{}: is damaged: what run {} was", path, row.number(0)));
    }
    if (count != seeds.size()) throw ResultsError(fmt::format("{}: is damaged: it does not say what was run", path));
  }
};

namespace {

ResultsError error_of(const std::string& path, const SqlError& error) {
  switch (error.code()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ResultsError(fmt::format("{}: is in use by another hunt", path));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
      return ResultsError(fmt::format("{}: is damaged: {}", path, error.what()));
    default:
      return ResultsError(fmt::format("{}: {}", path, error.what()));
  }
}

std::string first_line_that_differs(const std::string& a, const std::string& b) {
  std::size_t begin = 0, at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at])
    if (a[at++] == '\n') begin = at;
  const auto line = [&](const std::string& text) {
    return begin >= text.size() ? "the end" : text.substr(begin, text.find_first_of("\n#", begin) - begin);
  };
  return fmt::format("{} there, {} here", line(a), line(b));
}

}  // namespace

std::string Campaign::difference_to(const Campaign& here) const {
  if (commit != here.commit) return fmt::format("commit {} there, {} here", commit, here.commit);
  if (sqlite != here.sqlite) return fmt::format("SQLite {} there, {} here", sqlite, here.sqlite);
  if (steered != here.steered) return steered ? "it is steered" : "it is not steered";
  if (resolved != here.resolved) return "scenario: " + first_line_that_differs(resolved, here.resolved);
  return {};
}

Results::Results(const std::string& path, const Campaign& campaign) : path_(path), campaign_(campaign) {
  const Kind kind = path.empty() ? Kind::kMissing : kind_of(path);
  if (kind == Kind::kForeign) throw ResultsError(path + ": is no results file of tidemark hunt");
  try {
    database_ = std::make_unique<Database>(path.empty() ? ":memory:" : path, true);
    Connection& connection = database_->connection;
    connection.run("PRAGMA locking_mode=EXCLUSIVE");
    // A kill while the file was made leaves nothing in it, once SQLite has rolled that back.
    const bool is_new = kind != Kind::kOurs || connection.number("PRAGMA application_id") == 0;
    if (is_new) {
      database_->make(campaign);
    } else {
      load();
      const std::string difference = campaign_.difference_to(campaign);
      if (!difference.empty())
        throw ResultsError(
            fmt::format("{}: is of another campaign: {}. Give another file; --first {} tries what failed "
                        "there before anything else",
                        path, difference, path));
    }
    connection.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; BEGIN IMMEDIATE; COMMIT");
    database_->prepare(campaign_.steered);
  } catch (const SqlError& error) {
    throw error_of(path, error);
  }
}

Results::Results(const std::string& path) : path_(path) {
  const Kind kind = kind_of(path);
  if (kind == Kind::kMissing) throw ResultsError(path + ": there is no such file");
  if (kind != Kind::kOurs) throw ResultsError(path + ": is no results file of tidemark hunt");
  try {
    database_ = std::make_unique<Database>(path, false);
    database_->connection.run("PRAGMA locking_mode=EXCLUSIVE");
    load();
    database_->prepare(campaign_.steered);
  } catch (const SqlError& error) {
    throw error_of(path, error);
  }
}

void Results::load() {
  database_->check(path_);
  campaign_ = database_->read_campaign();
  database_->read_seeds(path_);
  if (campaign_.steered) database_->read_steered(path_);
}

Results::~Results() {
  if (!database_) return;
  try {
    commit();
    database_->insert.reset();
    database_->insert_class.reset();
    database_->insert_steered.reset();
    // One file again, for whoever copies it.
    database_->connection.run("PRAGMA journal_mode=DELETE");
  } catch (const std::exception&) {
    // What was committed is in the file all the same.
  }
}

void Results::add(const Outcome& outcome, const SteeredRun* steered) {
  TIDEMARK_ASSERT((steered != nullptr) == campaign_.steered, "what was run is part of a steered campaign");
  try {
    if (uncommitted_++ == 0) database_->connection.run("BEGIN IMMEDIATE");
    Statement& insert = *database_->insert;
    insert.bind(1, static_cast<std::int64_t>(outcome.seed)).bind(2, outcome.verdict);
    insert.bind(3, static_cast<std::int64_t>(outcome.code)).bind(4, outcome.digest);
    if (outcome.failure) {
      Statement& insert_class = *database_->insert_class;
      insert_class.bind(1, outcome.failure->id())
          .bind(2, outcome.failure->check)
          .bind(3, outcome.failure->shape)
          .step();
      insert_class.reset();
      insert.bind(5, outcome.failure->id()).bind(12, outcome.witness);
    }
    insert.bind(6, static_cast<std::int64_t>(outcome.events)).bind(7, static_cast<std::int64_t>(outcome.operations));
    insert.bind(8, outcome.virtual_seconds).bind(9, outcome.wall_seconds);
    insert.bind(10, static_cast<std::int64_t>(outcome.twice));
    if (!outcome.other_digest.empty()) insert.bind(11, outcome.other_digest);
    insert.bind(13, row_hash(outcome)).step();
    insert.reset();
    if (steered == nullptr) return;
    Statement& row = *database_->insert_steered;
    row.bind(1, static_cast<std::int64_t>(steered->run)).bind(2, static_cast<std::int64_t>(steered->seed));
    row.bind(3, steered->way).bind(4, static_cast<std::int64_t>(steered->parent)).bind(5, steered->how);
    row.bind(6, steered->plan).bind(7, steered->reached).bind(8, row_hash(*steered)).step();
    row.reset();
  } catch (const SqlError& error) {
    TIDEMARK_ASSERT(error.code() != SQLITE_CONSTRAINT, "a seed was added twice");
    throw error_of(path_, error);
  }
}

void Results::commit() {
  if (uncommitted_ == 0) return;
  try {
    database_->connection.run("COMMIT");
  } catch (const SqlError& error) {
    throw error_of(path_, error);
  }
  uncommitted_ = 0;
}

std::vector<std::uint64_t> Results::seeds() const {
  return database_->seeds;
}

std::vector<std::uint64_t> Results::failing() const {
  std::vector<std::uint64_t> seeds;
  Statement row(database_->connection,
                "SELECT seed FROM seeds WHERE class IS NOT NULL ORDER BY events, seed < 0, seed");
  while (row.step()) seeds.push_back(static_cast<std::uint64_t>(row.number(0)));
  return seeds;
}

Totals Results::totals() const {
  Statement row(database_->connection,
                "SELECT count(*), count(class), total(twice), total(verdict='valid'), total(verdict='expected'), "
                "total(verdict='invalid'), total(verdict='unknown'), total(verdict='none'), total(events), "
                "total(operations), total(virtual_s) FROM seeds");
  row.step();
  const auto count = [&](int column) { return static_cast<std::uint64_t>(row.number(column)); };
  return {count(0), count(1), count(2), count(3), count(4),    count(5),
          count(6), count(7), count(8), count(9), row.real(10)};
}

std::vector<ClassRow> Results::classes() const {
  std::vector<ClassRow> classes;
  Statement row(database_->connection,
                std::string(kSelect) + " WHERE class IS NOT NULL ORDER BY class, events, seed < 0, seed");
  while (row.step()) {
    Outcome outcome = outcome_of(row);
    if (classes.empty() || classes.back().failure != *outcome.failure)
      classes.push_back({*outcome.failure, 0, std::move(outcome)});
    ++classes.back().count;
  }
  std::sort(classes.begin(), classes.end(), [](const ClassRow& a, const ClassRow& b) {
    return a.count != b.count ? a.count > b.count : a.failure.text() < b.failure.text();
  });
  return classes;
}

void Results::each(const std::function<void(const Outcome&)>& visit) const {
  Statement row(database_->connection, std::string(kSelect) + " ORDER BY seed < 0, seed");
  while (row.step()) visit(outcome_of(row));
}

void Results::each_steered(const std::function<void(const SteeredRun&, bool)>& visit) const {
  if (!campaign_.steered) return;
  Statement row(database_->connection, std::string(kSelectSteered) + " ORDER BY run < 0, run");
  while (row.step()) visit(steered_of(row), row.number(8) != 0);
}

std::optional<SteeredRun> Results::steered(std::uint64_t run) const {
  if (!campaign_.steered) return std::nullopt;
  Statement row(database_->connection, std::string(kSelectSteered) + " WHERE run = ?");
  row.bind(1, static_cast<std::int64_t>(run));
  if (!row.step()) return std::nullopt;
  return steered_of(row);
}

}  // namespace tidemark::hunt

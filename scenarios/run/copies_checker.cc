#include "scenarios/run/copies_checker.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "scenarios/run/memory_vfs.h"
#include "scenarios/run/wal_check.h"

namespace tidemark::scenarios {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// The database header, SQLite file format 1.3.
constexpr std::size_t kPageSizeAt = 16;
constexpr std::size_t kHeaderBytes = 100;

std::size_t page_size_of(const std::vector<std::byte>& file) {
  const auto high = static_cast<std::size_t>(file[kPageSizeAt]);
  const auto low = static_cast<std::size_t>(file[kPageSizeAt + 1]);
  const std::size_t size = high << 8 | low;
  return size == 1 ? 65'536 : size;
}

/// First column of the first row, or SQLite's complaint.
std::string first_text(sqlite3* database, const char* sql) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &prepared, nullptr) != SQLITE_OK) return sqlite3_errmsg(database);
  const std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement(prepared);
  if (sqlite3_step(prepared) != SQLITE_ROW) return sqlite3_errmsg(database);
  const unsigned char* text = sqlite3_column_text(prepared, 0);
  return text == nullptr ? "NULL" : reinterpret_cast<const char*>(text);
}

/// Opens database and WAL, as the sqlite3 command would; "ok", or the first complaint. `file` becomes the database file
/// after a checkpoint of everything by stock SQLite. When that equals `sound`, a file that was found ok (nullptr: there
/// is none), it is ok as well: integrity_check costs more than all the rest.
std::string integrity_of(const model::ExportedCopy& copy, const std::vector<std::byte>* sound,
                         std::vector<std::byte>& file) {
  if (copy.database.size() < kHeaderBytes) return fmt::format("the file has {} bytes only", copy.database.size());
  MemoryVfs vfs(copy.database, copy.wal);
  std::string integrity;
  {
    sqlite3* opened = nullptr;
    const int status = sqlite3_open_v2(MemoryVfs::kFile, &opened, SQLITE_OPEN_READWRITE, vfs.name());
    const std::unique_ptr<sqlite3, CloseDatabase> database(opened);
    if (status != SQLITE_OK) return sqlite3_errmsg(opened);
    first_text(opened, "PRAGMA locking_mode = EXCLUSIVE");
    const std::string busy = first_text(opened, "PRAGMA wal_checkpoint(TRUNCATE)");
    const bool is_sound = busy == "0" && sound != nullptr && vfs.database() == *sound;
    integrity = is_sound ? "ok" : first_text(opened, "PRAGMA integrity_check(1)");
    if (integrity == "ok" && busy != "0") integrity = "a checkpoint fails: " + busy;
  }
  file = vfs.take_database();
  return integrity;
}

/// First page that differs; 0 when none does.
std::size_t first_difference(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  const auto differs = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (differs.first == a.end() && differs.second == b.end()) return 0;
  return static_cast<std::size_t>(differs.first - a.begin()) / page_size_of(a) + 1;
}

void write_file(const std::string& path, const std::vector<std::byte>& bytes) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "wb"));
  const bool written = file && std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  if (!written || std::fclose(file.release()) != 0)
    throw std::system_error(errno, std::generic_category(), path + ": cannot be written");
}

checkers::Verdict verdict(const char* name, const std::string& witness, std::uint64_t observations) {
  checkers::Verdict result;
  result.name = name;
  result.validity = witness.empty() ? checkers::Validity::kValid : checkers::Validity::kInvalid;
  result.witness = witness;
  result.observations = observations;
  if (observations > 0 || !witness.empty()) return result;
  result.validity = checkers::Validity::kUnknown;
  result.witness = "The run did not come to rest, so no copy was compared.";
  return result;
}

}  // namespace

void CopiesChecker::on_copy(const model::ExportedCopy& copy) {
  ++copies_;
  if (!folder_.empty()) keep(copy);
  if (wal_witness_.empty() && copy.database.size() >= kHeaderBytes) {
    const std::string problem = wal_problem(copy.wal, page_size_of(copy.database));
    if (!problem.empty()) wal_witness_ = fmt::format("the WAL of {}: {}", copy.node, problem);
  }
  std::vector<std::byte> file;
  const std::string integrity = integrity_of(copy, primary_is_sound_ ? &primary_file_ : nullptr, file);
  if (integrity != "ok" && integrity_witness_.empty()) {
    integrity_witness_ = fmt::format("integrity_check of {}: {}", copy.node, integrity);
  }
  if (copy.primary) {
    primary_is_sound_ = integrity == "ok";
    primary_node_ = copy.node;
    primary_file_ = std::move(file);
  } else {
    compare(copy.node, file);
  }
}

void CopiesChecker::compare(const std::string& node, const std::vector<std::byte>& file) {
  ++compared_;
  if (!equality_witness_.empty()) return;
  if (file.size() != primary_file_.size()) {
    equality_witness_ = fmt::format("the file of {} has {} bytes, that of {} {}", node, file.size(), primary_node_,
                                    primary_file_.size());
  } else if (const std::size_t page = first_difference(primary_file_, file); page != 0) {
    equality_witness_ = fmt::format("page {} of {} differs from that of {}", page, node, primary_node_);
  }
}

void CopiesChecker::keep(const model::ExportedCopy& copy) const {
  std::string name = copy.node;
  std::replace(name.begin(), name.end(), '/', '_');
  const std::string path = folder_ + "/" + name + ".sqlite";
  write_file(path, copy.database);
  if (!copy.wal.empty()) write_file(path + "-wal", copy.wal);
}

std::vector<checkers::Verdict> CopiesChecker::finish() {
  checkers::Verdict equal = verdict("equal-copies", equality_witness_, compared_);
  // At rest, and the primary is the only copy: its replicas were removed. There is nothing that could differ.
  if (copies_ > 0 && compared_ == 0) {
    equal.validity = checkers::Validity::kValid;
    equal.witness.clear();
  }
  return {verdict("WAL", wal_witness_, copies_), verdict("integrity", integrity_witness_, copies_), std::move(equal)};
}

}  // namespace tidemark::scenarios

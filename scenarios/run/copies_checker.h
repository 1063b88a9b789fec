// CopiesChecker: looks at the files of every copy at the end of a run, with stock SQLite and without it.
//
//   WAL           the WAL of every copy is well formed (wal_check.h)
//   integrity     integrity_check of every copy says ok
//   equal-copies  every replica's database file, after a checkpoint by stock SQLite, is byte for byte that of its
//   primary
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "model/cluster/cluster.h"

namespace tidemark::scenarios {

class CopiesChecker final : public model::ExportSink {
 public:
  /// `folder`: keep every copy's files there; empty = not.
  explicit CopiesChecker(std::string folder) : folder_(std::move(folder)) {}

  /// Throws std::runtime_error when a file cannot be written.
  void on_copy(const model::ExportedCopy& copy) override;
  /// Three verdicts.
  std::vector<checkers::Verdict> finish();

 private:
  void compare(const std::string& node, const std::vector<std::byte>& file);
  void keep(const model::ExportedCopy& copy) const;

  const std::string folder_;
  std::string primary_node_;
  std::vector<std::byte> primary_file_;
  bool primary_is_sound_ = false;
  std::uint64_t copies_ = 0;
  std::uint64_t compared_ = 0;
  std::string wal_witness_;
  std::string integrity_witness_;
  std::string equality_witness_;
};

}  // namespace tidemark::scenarios

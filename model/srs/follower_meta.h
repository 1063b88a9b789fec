// FollowerMeta: the state file of a follower: what it must not forget, and what its log may rely upon.
//
// Written durably before it matters: a new content goes to a file beside it, is synced, and takes its name. A power
// loss at any point leaves the old content or the new one. The content is there twice, so that one bad sector does no
// harm. Layout: docs/log_format.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/protocol/messages.h"
#include "model/srs/log_format.h"
#include "model/types/bugs.h"
#include "sim/core/file.h"

namespace tidemark::model::srs {

/// What the state file says.
struct FollowerRecord {
  std::uint32_t promise = 0;  // epochs before it are refused
  FollowerState state = FollowerState::kBlank;
  std::uint64_t generation = 0;           // of the Join; names the log file
  Bookmark base;                          // the log begins after it ...
  std::uint64_t begin = kLogPrefixBytes;  // ... at this offset of the log file
  Bookmark target;                        // a learner is a member once this is durable
  /// Witnesses from the past, both may be behind: how much of the log file was durable, what was known to be confirmed.
  std::uint64_t durable_end = kLogPrefixBytes;
  Bookmark confirmed;
  friend bool operator==(const FollowerRecord&, const FollowerRecord&) = default;
};

/// The bytes of the state file.
std::vector<std::byte> encode_follower_record(const FollowerRecord& record);

class FollowerMeta final : public sim::IoCompletion {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// durable() has moved.
    virtual void on_meta_durable() = 0;
    /// The disk failed: nothing that was saved since durable() can be relied upon.
    virtual void on_disk_failure() = 0;
  };
  enum class Found : std::uint8_t {
    kNothing,     // there is no state file
    kRecord,      // durable() is its content
    kDamaged,     // there is one, but what it said is lost
    kUnreadable,  // the disk gives errors
  };

  /// Reads the file `name`. `files` and `listener` are not owned.
  FollowerMeta(sim::FileSystem& files, std::string name, const BugSet& bugs, Listener& listener);

  Found found() const { return found_; }
  const std::string& problem() const { return problem_; }
  /// What a power loss would leave.
  const FollowerRecord& durable() const { return durable_; }
  /// What was saved last, durable or not.
  const FollowerRecord& newest() const { return newest_; }
  /// Sees to it that `record` gets durable. Of several that are saved while one is being written only the last counts.
  void save(const FollowerRecord& record);

 private:
  void load();
  void write();
  void on_io(sim::IoStatus status) override;

  sim::FileSystem& files_;
  const std::string name_;
  const BugSet bugs_;
  Listener& listener_;
  Found found_ = Found::kNothing;
  std::string problem_;
  bool writing_ = false;
  FollowerRecord durable_;
  FollowerRecord written_;  // what is being written
  FollowerRecord newest_;
};

}  // namespace tidemark::model::srs

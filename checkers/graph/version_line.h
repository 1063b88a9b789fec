// The versions of every key along an order that changes, and which of them to look at again. Private to
// serial_order.cc.
//
// A version of a key is what a present transaction wrote last to it. The order explains every read if no reader of a
// version stands behind the next version of its key.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/graph/moving_order.h"
#include "checkers/graph/register_versions.h"

namespace tidemark::checkers::graph {

using Version = std::uint32_t;
inline constexpr Version kNoVersion = UINT32_MAX;

class VersionLine {
 public:
  VersionLine(std::uint32_t keys, const RegisterVersions& registers, const MovingOrder& order);

  std::uint32_t key(Version version) const { return versions_[version].key; }
  Node writer(Version version) const { return versions_[version].writer; }
  std::span<const Node> readers(Version version) const {
    return {readers_.data() + versions_[version].first_reader, readers_.data() + versions_[version + 1].first_reader};
  }

  /// Takes note of changed places.
  void follow(std::vector<Node>& moved);
  /// Two versions of a key of which the second stands between the first and a reader of it; false: there are none.
  bool find_overwritten(Version& version, Version& next);
  struct Count {
    std::size_t overwritten = 0;  // before all that read them have come
    std::size_t read = 0;         // versions that somebody read
  };
  Count count() const;
  /// Versions and readers looked at.
  std::uint64_t steps() const { return steps_; }

 private:
  struct Entry {
    std::uint32_t key = 0;
    Node writer = 0;
    std::uint32_t first_reader = 0;
    std::uint32_t slot = 0;  // in line_
  };
  struct Range {
    std::uint32_t first;  // slots
    std::uint32_t last;
    std::uint32_t round;
  };

  void gather(std::uint32_t keys, const RegisterVersions& registers);
  void touch(Version version);
  void sort(std::uint32_t key);
  void look_again(Version version);
  std::uint32_t place(Version version) const { return order_.place(versions_[version].writer); }
  bool same_key(std::uint32_t slot, std::uint32_t key) const {
    return slot < line_.size() && versions_[line_[slot]].key == key;
  }

  const MovingOrder& order_;
  std::vector<Entry> versions_;  // by key and writer, and an end
  std::vector<Node> readers_;
  std::vector<Version> line_;  // by key, then by place
  struct Access {
    Version version;
    bool write;
  };
  std::vector<std::uint32_t> access_starts_;  // by node
  std::vector<Access> accesses_;
  std::vector<Range> ranges_;        // by key
  std::vector<std::uint32_t> keys_;  // touched in this round
  std::uint32_t round_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<Version> queue_;
  std::vector<std::uint8_t> queued_;
};

}  // namespace tidemark::checkers::graph

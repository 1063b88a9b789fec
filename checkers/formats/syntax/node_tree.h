// NodeTree: one record of a history as a tree of values, in one array in the order of the text.
//
// EDN and JSON both become such trees, so that the rules for operations are written once. Reused from record to record:
// in the long run it allocates nothing. Texts point into the source or, when they contain escapes, into the tree.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/formats/syntax/source.h"

namespace tidemark::checkers {

enum class NodeKind : std::uint8_t {
  kNil,
  kTruth,    // true, false
  kInteger,  // fits into 64 bits
  kNumber,   // another number; its text
  kText,     // string, character
  kName,     // keyword, without the colon
  kSymbol,
  kSequence,  // vector, list, array
  kSet,
  kMap,  // children: key, value, key, value, ...
};

struct Node {
  NodeKind kind = NodeKind::kNil;
  std::uint32_t next = 0;      // index of the node after this one and all that is inside it
  std::uint32_t children = 0;  // of collections; a map has twice as many as pairs
  const char* at = nullptr;    // place in the source
  std::int64_t number = 0;     // kInteger; kTruth: 0 or 1
  std::string_view text;       // all but collections and kNil: as it is written, without quotes and colon

  bool is_collection() const { return kind >= NodeKind::kSequence; }
  /// A keyword, a string or a symbol of this name: EDN writes :ok, JSON "ok".
  bool is_named(std::string_view name) const {
    return (kind == NodeKind::kName || kind == NodeKind::kText || kind == NodeKind::kSymbol) && text == name;
  }
};

class NodeTree {
 public:
  void clear();
  bool empty() const { return nodes_.empty(); }
  const Node& operator[](std::uint32_t index) const { return nodes_[index]; }
  const Node& root() const { return nodes_.front(); }
  std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }

  /// The place of a node that is in this tree, as an index.
  std::uint32_t index_of(const Node& node) const { return static_cast<std::uint32_t>(&node - nodes_.data()); }
  /// Children of a collection, one after the other: for (i = first(node); i != node.next; i = tree[i].next)
  std::uint32_t first(const Node& node) const { return index_of(node) + 1; }

  // Building. A collection is opened, its children are added, then it is closed.
  Node& leaf(NodeKind kind, const char* at);
  std::uint32_t open(NodeKind kind, const char* at);  // its index, for close()
  void close(std::uint32_t index);
  /// Counts the node that was added last as a child of the collection that is open at `index`.
  void adopt(std::uint32_t index) { ++nodes_[index].children; }
  /// Forgets `index` and everything behind it.
  void cut(std::uint32_t index) { nodes_.resize(index); }
  /// Room for a text that has to be put together; stays until clear().
  std::string& fresh_text() { return texts_.emplace_back(); }

 private:
  std::vector<Node> nodes_;
  std::deque<std::string> texts_;
};

/// The number that `text` is, an optional sign and digits; false when it does not fit into 64 bits.
bool parse_integer(std::string_view text, std::int64_t& number);

}  // namespace tidemark::checkers

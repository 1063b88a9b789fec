#include "checkers/formats/syntax/node_tree.h"

#include <charconv>

namespace tidemark::checkers {
namespace {

constexpr std::size_t kKept = 1U << 16;  // nodes that stay allocated between records

}  // namespace

void NodeTree::clear() {
  nodes_.clear();
  texts_.clear();
  if (nodes_.capacity() > 2 * kKept) {
    nodes_.shrink_to_fit();
    nodes_.reserve(kKept);
  }
}

Node& NodeTree::leaf(NodeKind kind, const char* at) {
  Node& node = nodes_.emplace_back();
  node.kind = kind;
  node.at = at;
  node.next = size();
  return node;
}

std::uint32_t NodeTree::open(NodeKind kind, const char* at) {
  leaf(kind, at);
  return size() - 1;
}

void NodeTree::close(std::uint32_t index) {
  nodes_[index].next = size();
}

bool parse_integer(std::string_view text, std::int64_t& number) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace tidemark::checkers

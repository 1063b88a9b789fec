#include "checkers/formats/syntax/values.h"

namespace tidemark::checkers {

Value ValueReader::value(const Node& node, const char* what) {
  if (node.kind == NodeKind::kNil) return Value{};
  if (node.kind == NodeKind::kInteger && Value::fits(node.number)) return Value::integer(node.number);
  if (node.is_collection()) source_.fail(node.at, std::string(what) + " expected, not a collection");
  const NodeKind kind = node.kind == NodeKind::kInteger ? NodeKind::kNumber : node.kind;
  const Value value = node.kind == NodeKind::kInteger ? builder_.integer(node.number) : builder_.text(node.text);
  const std::uint32_t id = value.text_id();
  if (id >= kinds_.size()) kinds_.resize(id + 1, NodeKind::kNil);
  if (kinds_[id] == NodeKind::kNil) kinds_[id] = kind;
  if (kinds_[id] != kind)
    source_.fail(node.at, "the value " + std::string(node.text.substr(0, 80)) +
                              " stands here as another kind (keyword, string, symbol, number) than before");
  return value;
}

Value ValueReader::object_key(const Node& node, const char* what) {
  std::int64_t number = 0;
  const std::string_view text = node.text;
  const bool canonical =
      !text.empty() && text != "-0" && text[0] != '+' && (text[0] != '0' || text == "0") && text.substr(0, 2) != "-0";
  if (node.kind == NodeKind::kText && canonical && parse_integer(text, number)) return builder_.integer(number);
  return value(node, what);
}

}  // namespace tidemark::checkers

#include "checkers/formats/syntax/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "checkers/formats/syntax/edn_reader.h"

namespace tidemark::checkers {

using simdjson::ondemand::document;
using simdjson::ondemand::value;

struct JsonReader::State {
  explicit State(const Source& source_in) : source(source_in) {}

  void each_line(NodeTree& tree, const std::function<void()>& member);
  void require_last(std::string_view closers);
  void members(simdjson::ondemand::array array, NodeTree& tree, const std::function<void()>& member);
  void begin(const char* from, const char* to);
  void finish();
  /// Calls itself, at most kMostDeep deep.
  void convert(value from, NodeTree& tree, unsigned depth);
  void collection(value from, NodeTree& tree, unsigned depth, bool object);
  void scalar(value from, NodeTree& tree, simdjson::ondemand::json_type type);
  void number(std::string_view token, NodeTree& tree, const char* at);
  [[noreturn]] void fail(std::string message);
  const char* place();

  template <typename Result>
  auto need(Result result, const char* what) {
    using Type = std::decay_t<decltype(result.value_unsafe())>;
    Type out{};
    const simdjson::error_code error = std::move(result).get(out);
    if (error != simdjson::SUCCESS) fail(std::string(what) + " (" + simdjson::error_message(error) + ")");
    return out;
  }

  const Source& source;
  simdjson::ondemand::parser parser;
  document doc;
  const char* first = nullptr;  // of the document
  const char* last = nullptr;   // behind it
  const char* record = nullptr;
};

JsonReader::JsonReader(const Source& source) : state_(std::make_unique<State>(source)) {}
JsonReader::~JsonReader() = default;

const char* JsonReader::State::place() {
  const char* where = nullptr;
  if (doc.current_location().get(where) != simdjson::SUCCESS || where == nullptr) return first;
  return std::clamp(where, first, last);
}

void JsonReader::State::fail(std::string message) {
  source.fail(place(), std::move(message));
}

void JsonReader::State::begin(const char* from, const char* to) {
  first = from;
  last = to;
  const auto size = static_cast<std::size_t>(to - from);
  if (size >= simdjson::SIMDJSON_MAXSIZE_BYTES)
    source.fail(from, "a JSON text of 4 GiB or more; one object per line may be longer");
  const simdjson::error_code error = parser.iterate(from, size, size + Source::kPadding).get(doc);
  if (error == simdjson::SUCCESS) return;
  doc = document{};
  if (error == simdjson::UTF8_ERROR) source.require_utf8();
  source.fail(error == simdjson::EMPTY ? to : from, std::string("not JSON: ") + simdjson::error_message(error));
}

/// Nothing may follow.
void JsonReader::State::finish() {
  const char* where = nullptr;
  if (doc.current_location().get(where) == simdjson::SUCCESS && where != nullptr && where < last)
    source.fail(where, "something follows the end of the JSON text");
}

void JsonReader::State::convert(value from, NodeTree& tree, unsigned depth) {
  if (depth > kMostDeep) fail("more than " + std::to_string(kMostDeep) + " brackets in each other");
  if (tree.size() >= SyntaxLimits{}.values)
    fail("a record of more than " + std::to_string(SyntaxLimits{}.values) + " values");
  const auto type = need(from.type(), "a value expected");
  if (type == simdjson::ondemand::json_type::array) return collection(from, tree, depth, false);
  if (type == simdjson::ondemand::json_type::object) return collection(from, tree, depth, true);
  scalar(from, tree, type);
}

void JsonReader::State::collection(value from, NodeTree& tree, unsigned depth, bool object) {
  const std::uint32_t index = tree.open(object ? NodeKind::kMap : NodeKind::kSequence, place());
  if (object) {
    for (auto item : need(from.get_object(), "an object expected")) {
      auto field = need(std::move(item), "a key and a value expected");
      const char* at = field.key().raw() - 1;
      const std::string_view name = need(field.unescaped_key(), "a key expected");
      tree.leaf(NodeKind::kText, at).text = name;  // the parser keeps the texts of a document
      tree.adopt(index);
      convert(field.value(), tree, depth + 1);
      tree.adopt(index);
    }
  } else {
    for (auto item : need(from.get_array(), "an array expected")) {
      convert(need(std::move(item), "a value expected"), tree, depth + 1);
      tree.adopt(index);
    }
  }
  tree.close(index);
}

void JsonReader::State::scalar(value from, NodeTree& tree, simdjson::ondemand::json_type type) {
  const char* at = place();
  switch (type) {
    case simdjson::ondemand::json_type::string: {
      const std::string_view text = need(from.get_string(), "a string expected");
      tree.leaf(NodeKind::kText, at).text = text;
      return;
    }
    case simdjson::ondemand::json_type::boolean: {
      const bool truth = need(from.get_bool(), "true or false expected");
      Node& node = tree.leaf(NodeKind::kTruth, at);
      node.text = truth ? "true" : "false";
      node.number = truth ? 1 : 0;
      return;
    }
    case simdjson::ondemand::json_type::number:
      return number(from.raw_json_token(), tree, at);
    default:
      if (!need(from.is_null(), "null expected")) fail("null expected");
      tree.leaf(NodeKind::kNil, at);
  }
}

/// simdjson's own numbers end at 64 bits; a History keeps larger ones, and fractions, as texts.
void JsonReader::State::number(std::string_view token, NodeTree& tree, const char* at) {
  token = token.substr(0, static_cast<std::size_t>(last - at));
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < token.size() && token[i] >= '0' && token[i] <= '9') ++i;
    return i - begin;
  };
  if (i < token.size() && token[i] == '-') ++i;
  const std::size_t leading = i;
  bool fine = digits() > 0 && (token[leading] != '0' || i == leading + 1);
  const std::size_t whole = i;
  if (i < token.size() && token[i] == '.') {
    ++i;
    fine = fine && digits() > 0;
  }
  if (i < token.size() && (token[i] == 'e' || token[i] == 'E')) {
    ++i;
    if (i < token.size() && (token[i] == '-' || token[i] == '+')) ++i;
    fine = fine && digits() > 0;
  }
  const bool ended = i == token.size() || std::string_view(" \n\t\r,]}").find(token[i]) != std::string_view::npos;
  if (!fine || !ended) source.fail(at + i, "not a number");
  Node& node = tree.leaf(NodeKind::kInteger, at);
  node.text = token.substr(0, i);
  if (i != whole || !parse_integer(node.text, node.number)) node.kind = NodeKind::kNumber;
}

void JsonReader::State::each_line(NodeTree& tree, const std::function<void()>& member) {
  const char* at = source.begin();
  while (at < source.end()) {
    const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(source.end() - at));
    const char* stop = newline == nullptr ? source.end() : static_cast<const char*>(newline);
    const std::string_view line(at, static_cast<std::size_t>(stop - at));
    if (line.size() > SyntaxLimits{}.record_bytes) source.fail(at, "a line that is too long");
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      tree.clear();
      begin(at, stop);
      convert(need(doc.get_value(), "one JSON object per line expected"), tree, 1);
      finish();
      member();
    }
    at = stop + (newline == nullptr ? 0 : 1);
  }
}

/// simdjson would say that the text ends early, and not where.
void JsonReader::State::require_last(std::string_view closers) {
  const std::size_t found = source.text().find_last_not_of(" \t\r\n");
  if (found == std::string_view::npos || closers.find(source.text()[found]) != std::string_view::npos) return;
  source.fail(source.begin() + found, "the text does not end with the bracket that it begins with");
}

void JsonReader::State::members(simdjson::ondemand::array array, NodeTree& tree, const std::function<void()>& member) {
  for (auto item : array) {
    tree.clear();
    convert(need(std::move(item), "a value expected"), tree, 1);
    member();
  }
}

void JsonReader::each(NodeTree& tree, const std::function<void()>& member) {
  const Source& source = state_->source;
  const std::size_t first = source.text().find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && source.text()[first] == '{') return state_->each_line(tree, member);
  state_->require_last("]");
  state_->begin(source.begin(), source.end());
  state_->members(state_->need(state_->doc.get_array(), "an array of operations expected"), tree, member);
  state_->finish();
}

void JsonReader::each_of(NodeTree& tree, std::string_view name, const std::function<void()>& member) {
  const Source& source = state_->source;
  state_->require_last("]}");
  state_->begin(source.begin(), source.end());
  const auto type = state_->need(state_->doc.type(), "a JSON text expected");
  bool found = type == simdjson::ondemand::json_type::array;
  if (found) {
    state_->members(state_->need(state_->doc.get_array(), "an array expected"), tree, member);
  } else {
    for (auto item : state_->need(state_->doc.get_object(), "an array or an object expected")) {
      auto field = state_->need(std::move(item), "a key and a value expected");
      const char* at = field.key().raw() - 1;
      if (state_->need(field.unescaped_key(), "a key expected") != name) continue;
      if (found) source.fail(at, "the key '" + std::string(name) + "' twice");
      found = true;
      state_->members(state_->need(field.value().get_array(), "an array expected"), tree, member);
    }
  }
  if (!found) source.fail(source.begin(), "the key '" + std::string(name) + "' is missing");
  state_->finish();
}

}  // namespace tidemark::checkers

#include "checkers/formats/syntax/edn_reader.h"

#include <cstring>

namespace tidemark::checkers {
namespace {

constexpr SyntaxLimits kLimits;

enum : unsigned char { kBlank = 1, kEndsToken = 2, kSymbolCharacter = 4 };

constexpr auto kClasses = [] {
  std::array<unsigned char, 256> classes{};
  for (unsigned c = 0; c < 0x20; ++c) classes[c] = kEndsToken;
  for (const char c : {' ', '\n', '\t', '\r', ',', '\f', '\v'})
    classes[static_cast<unsigned char>(c)] = kBlank | kEndsToken;
  for (const char c : std::string_view("()[]{}\";")) classes[static_cast<unsigned char>(c)] = kEndsToken;
  for (unsigned c = 0x80; c < 0x100; ++c) classes[c] = kSymbolCharacter;
  for (const char c :
       std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.*+!-_?$%&=<>:#/'|"))
    classes[static_cast<unsigned char>(c)] = kSymbolCharacter;
  return classes;
}();

bool is(char c, unsigned char wanted) {
  return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

bool is_blank(char c) {
  return is(c, kBlank);
}

/// Ends a symbol, keyword, number or character.
bool ends_token(char c) {
  return is(c, kEndsToken);
}

bool is_symbol_character(char c) {
  return is(c, kSymbolCharacter);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

bool EdnReader::skip_blanks() {
  for (;;) {
    while (at_ < end_ && is_blank(*at_)) ++at_;
    if (at_ == end_) return false;
    if (*at_ != ';') return true;
    const void* newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
    at_ = newline == nullptr ? end_ : static_cast<const char*>(newline) + 1;
  }
}

EdnReader::Found EdnReader::next(NodeTree& tree) {
  tree.clear();
  depth_ = 0;
  form_ = nullptr;
  for (;;) {
    if (!skip_blanks()) {
      if (depth_ > 0) unfinished();
      return Found::kEnd;
    }
    const char c = *at_;
    const bool closes = c == ')' || c == ']' || c == '}';
    if (closes && depth_ == 0) return Found::kClose;
    if (form_ == nullptr || depth_ == 0) form_ = at_;
    if (static_cast<std::size_t>(at_ - form_) > kLimits.record_bytes)
      source_.fail(form_, "a form longer than " + std::to_string(kLimits.record_bytes) + " bytes");
    if (tree.size() >= kLimits.values)
      source_.fail(form_, "a form of more than " + std::to_string(kLimits.values) + " values");
    if (closes) {
      close(tree);
    } else {
      begin_form(tree);
    }
    if (depth_ == 0 && !tree.empty()) return Found::kForm;
  }
}

void EdnReader::unfinished() const {
  const Open& top = stack_[depth_ - 1];
  const char* what = top.frame == Frame::kDiscard ? "nothing follows this #_"
                     : top.frame == Frame::kTag   ? "nothing follows this tag"
                                                  : "the text ends before this bracket is closed";
  source_.fail(top.at, what);
}

void EdnReader::begin_form(NodeTree& tree) {
  switch (*at_) {
    case '(':
      return open(tree, Frame::kCollection, NodeKind::kSequence, ')', 1);
    case '[':
      return open(tree, Frame::kCollection, NodeKind::kSequence, ']', 1);
    case '{':
      return open(tree, Frame::kCollection, NodeKind::kMap, '}', 1);
    case '"':
      return string(tree);
    case '\\':
      return character(tree);
    case '#':
      return hash(tree);
    default:
      return word(tree);
  }
}

void EdnReader::open(NodeTree& tree, Frame frame, NodeKind kind, char closer, std::size_t bytes) {
  if (depth_ == kMostDeep) source_.fail(at_, "more than " + std::to_string(kMostDeep) + " brackets in each other");
  const std::uint32_t index = frame == Frame::kCollection ? tree.open(kind, at_) : tree.size();
  stack_[depth_++] = {frame, closer, index, at_};
  at_ += bytes;
}

void EdnReader::close(NodeTree& tree) {
  const Open top = stack_[depth_ - 1];
  if (top.frame == Frame::kDiscard) source_.fail(top.at, "nothing follows this #_");
  if (top.frame == Frame::kTag) source_.fail(top.at, "nothing follows this tag");
  if (*at_ != top.closer) source_.fail(at_, std::string("'") + top.closer + "' expected instead of '" + *at_ + "'");
  const Node& node = tree[top.index];
  if (node.kind == NodeKind::kMap && node.children % 2 != 0) source_.fail(at_, "a map with a key that has no value");
  tree.close(top.index);
  --depth_;
  ++at_;
  complete(tree);
}

void EdnReader::complete(NodeTree& tree) {
  while (depth_ > 0) {
    const Open& top = stack_[depth_ - 1];
    if (top.frame == Frame::kCollection) return tree.adopt(top.index);
    --depth_;
    if (top.frame == Frame::kDiscard) return tree.cut(top.index);
  }
}

void EdnReader::hash(NodeTree& tree) {
  const char c = at_ + 1 < end_ ? at_[1] : '\0';
  if (c == '{') return open(tree, Frame::kCollection, NodeKind::kSet, '}', 2);
  if (c == '_') return open(tree, Frame::kDiscard, NodeKind::kNil, 0, 2);
  const char* from = at_;
  const char* stop = token_end(at_ + 1);
  if (c == '#') {  // ##Inf, ##-Inf, ##NaN
    Node& node = tree.leaf(NodeKind::kNumber, from);
    node.text = {from, static_cast<std::size_t>(stop - from)};
    if (node.text != "##Inf" && node.text != "##-Inf" && node.text != "##NaN")
      source_.fail(from, "##Inf, ##-Inf or ##NaN expected");
    at_ = stop;
    return complete(tree);
  }
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (!letter) source_.fail(at_, "a set, a tag or #_ expected");
  open(tree, Frame::kTag, NodeKind::kNil, 0, static_cast<std::size_t>(stop - at_));
}

const char* EdnReader::token_end(const char* from) const {
  while (from < end_ && !ends_token(*from)) ++from;
  return from;
}

void EdnReader::string(NodeTree& tree) {
  const char* from = at_;
  const char* first = at_ + 1;
  const char* stop = first;
  while (stop < end_ && *stop != '"' && *stop != '\\') ++stop;
  at_ = stop;
  std::string_view text(first, static_cast<std::size_t>(stop - first));
  if (stop < end_ && *stop == '\\') text = unescaped(tree, first);
  if (at_ == end_) source_.fail(from, "the text ends inside this string");
  ++at_;
  if (static_cast<std::size_t>(at_ - from) > kLimits.record_bytes) source_.fail(from, "a string that is too long");
  tree.leaf(NodeKind::kText, from).text = text;
  complete(tree);
}

/// From the first escape, at at_, to the closing quote or the end.
std::string_view EdnReader::unescaped(NodeTree& tree, const char* first) {
  std::string& out = tree.fresh_text();
  out.assign(first, at_);
  while (at_ < end_ && *at_ != '"') {
    if (out.size() > kLimits.record_bytes) source_.fail(first - 1, "a string that is too long");
    if (*at_ == '\\') {
      escape(out);
    } else {
      out += *at_++;
    }
  }
  return out;
}

void EdnReader::escape(std::string& out) {
  const char c = at_ + 1 < end_ ? at_[1] : '\0';
  constexpr std::string_view kWritten = "\"\\/btnrf";
  constexpr std::string_view kMeant = "\"\\/\b\t\n\r\f";
  const std::size_t simple = kWritten.find(c);
  if (simple != std::string_view::npos) {
    out += kMeant[simple];
    at_ += 2;
    return;
  }
  if (c != 'u') source_.fail(at_, "unknown escape in a string");
  unicode_escape(out);
}

void EdnReader::unicode_escape(std::string& out) {
  const char* from = at_;
  std::uint32_t code = hex4();
  if (code >= 0xd800 && code < 0xdc00 && end_ - at_ > 1 && at_[0] == '\\' && at_[1] == 'u') {
    const std::uint32_t low = hex4();
    if (low < 0xdc00 || low > 0xdfff) source_.fail(from, "half of a pair of UTF-16");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  if (code >= 0xd800 && code < 0xe000) source_.fail(from, "half of a pair of UTF-16");
  append_utf8(out, code);
}

/// Of a character that is given by four hex digits, which begin at at_.
unsigned EdnReader::hex4() {
  const char* from = at_;
  unsigned code = 0;
  at_ += 2;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < end_ ? *at_ : '\0';
    const bool lower = c >= 'a' && c <= 'f';
    const bool upper = c >= 'A' && c <= 'F';
    if (!is_digit(c) && !lower && !upper) source_.fail(from, "\\u is followed by four hex digits");
    code = code * 16 + static_cast<unsigned>(is_digit(c) ? c - '0' : lower ? c - 'a' + 10 : c - 'A' + 10);
  }
  return code;
}

void EdnReader::character(NodeTree& tree) {
  const char* from = at_;
  if (at_ + 1 == end_) source_.fail(from, "the text ends inside this character");
  const char* stop = token_end(at_ + 2);  // the character itself may be a bracket
  const std::string_view name(at_ + 1, static_cast<std::size_t>(stop - at_ - 1));
  Node& node = tree.leaf(NodeKind::kText, from);
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"newline", "\n"}, {"return", "\r"}, {"space", " "}, {"tab", "\t"}, {"formfeed", "\f"}, {"backspace", "\b"}};
  node.text = name;
  for (const auto& [known, meant] : kNames)
    if (name == known) node.text = meant;
  if (name.size() == 5 && name[0] == 'u') {
    std::string& out = tree.fresh_text();
    unicode_escape(out);
    node.text = out;
  } else if (node.text == name) {
    std::size_t characters = 0;
    for (const char c : name) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    if (characters != 1 || static_cast<unsigned char>(name[0]) <= 0x20) source_.fail(from, "unknown character");
  }
  at_ = stop;
  complete(tree);
}

/// Most values of most histories: a short integer. False: something else, nothing happened.
bool EdnReader::short_integer(NodeTree& tree) {
  constexpr std::ptrdiff_t kMostDigits = 18;
  const char* first = at_ + (*at_ == '-' ? 1 : 0);
  const char* at = first;
  std::int64_t value = 0;
  while (at < end_ && is_digit(*at) && at - first < kMostDigits) value = value * 10 + (*at++ - '0');
  const bool whole = at > first && (at == end_ || ends_token(*at)) && (*first != '0' || at == first + 1);
  if (!whole) return false;
  Node& node = tree.leaf(NodeKind::kInteger, at_);
  node.text = {at_, static_cast<std::size_t>(at - at_)};
  node.number = *at_ == '-' ? -value : value;
  at_ = at;
  complete(tree);
  return true;
}

void EdnReader::word(NodeTree& tree) {
  const char* from = at_;
  if ((is_digit(*from) || *from == '-') && short_integer(tree)) return;
  const char* stop = token_end(from);
  if (stop == from) source_.fail(from, "a control character");
  const std::string_view token(from, static_cast<std::size_t>(stop - from));
  at_ = stop;
  const bool sign = (token[0] == '-' || token[0] == '+') && token.size() > 1 && is_digit(token[1]);
  if (is_digit(token[0]) || sign) return number(tree, token, from);
  for (const char& c : token)
    if (!is_symbol_character(c)) source_.fail(&c, std::string("unexpected '") + c + "'");
  if (token[0] == ':') {
    if (token.size() == 1 || token[1] == ':') source_.fail(from, "a keyword without a name");
    tree.leaf(NodeKind::kName, from).text = token.substr(1);
  } else if (token == "nil") {
    tree.leaf(NodeKind::kNil, from);
  } else {
    const bool truth = token == "true" || token == "false";
    Node& node = tree.leaf(truth ? NodeKind::kTruth : NodeKind::kSymbol, from);
    node.text = token;
    node.number = token == "true" ? 1 : 0;
  }
  complete(tree);
}

void EdnReader::number(NodeTree& tree, std::string_view token, const char* from) {
  std::size_t i = is_digit(token[0]) ? 0 : 1;
  const std::size_t first = i;
  const auto digits = [&] {
    const std::size_t begin = i;
    while (i < token.size() && is_digit(token[i])) ++i;
    return i - begin;
  };
  if (digits() > 1 && token[first] == '0') source_.fail(from, "a number that begins with 0");
  Node& node = tree.leaf(NodeKind::kInteger, from);
  node.text = token[0] == '+' ? token.substr(1) : token;
  if (i + 1 == token.size() && token[i] == 'N') {
    node.text.remove_suffix(1);
    ++i;
  }
  if (i == token.size()) {
    if (!parse_integer(node.text, node.number)) node.kind = NodeKind::kNumber;
    return complete(tree);
  }
  node.kind = NodeKind::kNumber;
  bool fine = true;
  if (token[i] == '.') {
    ++i;
    digits();  // Clojure writes 1. as well
  }
  if (i < token.size() && (token[i] == 'e' || token[i] == 'E')) {
    ++i;
    if (i < token.size() && (token[i] == '-' || token[i] == '+')) ++i;
    fine = digits() > 0;
  }
  if (i + 1 == token.size() && token[i] == 'M') ++i;
  if (!fine || i != token.size()) source_.fail(from + i, "not a number");
  complete(tree);
}

}  // namespace tidemark::checkers

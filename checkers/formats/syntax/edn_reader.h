// EdnReader: the forms of an EDN text, one after the other.
//
// Reads nil, true, false, integers (also beyond 64 bits), floats, strings, characters, keywords, symbols, vectors,
// lists, maps, sets, comments, discarded forms (#_), and tagged literals, whose tag is dropped. A form has at most
// kMostNested brackets in each other, kMostRecordBytes bytes and kMostValues values. Does not call itself.
// What it refuses beyond the standard: nothing that Jepsen writes. Rule: github.com/edn-format/edn.
#pragma once

#include <array>
#include <cstdint>

#include "checkers/formats/syntax/node_tree.h"
#include "checkers/formats/syntax/source.h"

namespace tidemark::checkers {

struct SyntaxLimits {
  std::size_t record_bytes = std::size_t{16} << 20;
  std::uint32_t values = 1U << 22;
};

class EdnReader {
 public:
  static constexpr unsigned kMostDeep = 64;

  /// Reads from `from` up to `end`, which lie in the source. The byte behind the end of the source is zero.
  EdnReader(const Source& source, const char* from, const char* end) : source_(source), at_(from), end_(end) {}

  enum class Found : std::uint8_t {
    kForm,   // in the tree
    kClose,  // a closing bracket that no form of this reader opened; at() is at it
    kEnd,    // nothing but blanks
  };
  /// Throws HistoryError.
  Found next(NodeTree& tree);

  const char* at() const { return at_; }
  void skip(std::size_t bytes) { at_ += bytes; }
  /// Moves to what is neither white space nor comment; false at the end.
  bool skip_blanks();

 private:
  enum class Frame : std::uint8_t { kCollection, kTag, kDiscard };
  struct Open {
    Frame frame = Frame::kCollection;
    char closer = 0;
    std::uint32_t index = 0;   // of the collection, or where the discarded form begins
    const char* at = nullptr;  // of the bracket, tag or #_
  };

  void begin_form(NodeTree& tree);
  void open(NodeTree& tree, Frame frame, NodeKind kind, char closer, std::size_t bytes);
  void close(NodeTree& tree);
  /// A form is complete: the frames around it that it completes, too.
  void complete(NodeTree& tree);
  void hash(NodeTree& tree);
  void string(NodeTree& tree);
  std::string_view unescaped(NodeTree& tree, const char* first);
  void escape(std::string& out);
  void unicode_escape(std::string& out);
  unsigned hex4();
  void character(NodeTree& tree);
  void word(NodeTree& tree);
  bool short_integer(NodeTree& tree);
  void number(NodeTree& tree, std::string_view token, const char* from);
  const char* token_end(const char* from) const;
  [[noreturn]] void unfinished() const;

  const Source& source_;
  const char* at_;
  const char* end_;
  const char* form_ = nullptr;  // where the present form begins
  std::array<Open, kMostDeep> stack_{};
  unsigned depth_ = 0;
};

/// Appends a code point as UTF-8.
void append_utf8(std::string& out, std::uint32_t code);

}  // namespace tidemark::checkers

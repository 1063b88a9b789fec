// SQL values and result rows, as they travel between the hops.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/digest.h"

namespace tidemark::model {

struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

/// A bound parameter. Booleans are bound as 1 and 0 by the caller, as the D1 binding does.
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

enum class CellType : std::uint8_t { kNull, kInteger, kReal, kText, kBlob };

/// One cell of a ResultSet. Text and blob bytes live in the set and die with it.
struct Cell {
  CellType type = CellType::kNull;
  std::uint32_t length = 0;
  union {
    std::int64_t integer = 0;
    double real;
    const char* data;
  };
  std::string_view text() const { return {data, length}; }
};

class ResultSet;
using ResultSetRef = boost::intrusive_ptr<const ResultSet>;

/// Rows of one statement, immutable once built and shared by reference between hops and the history.
/// Cells are stored row after row: cell (r, c) is cells()[r * columns + c].
class ResultSet {
 public:
  std::uint32_t columns() const { return static_cast<std::uint32_t>(names_.size()); }
  std::uint32_t rows() const { return names_.empty() ? 0 : static_cast<std::uint32_t>(cells_.size() / names_.size()); }
  const std::vector<std::string>& names() const { return names_; }
  std::span<const Cell> row(std::uint32_t index) const { return std::span(cells_).subspan(std::size_t{index} * columns(), columns()); }
  /// XXH3-128 over types, lengths and content in order; computed once. Equal content, equal digest.
  const Digest128& digest() const;
  /// Bytes that the rows would take as JSON, roughly: what the wire is charged.
  std::uint32_t wire_bytes() const { return static_cast<std::uint32_t>(16 + cells_.size() * 8 + text_bytes_); }

  /// Builds one set. Add cells row by row; finish() fixes it.
  class Builder {
   public:
    explicit Builder(std::vector<std::string> names);
    void add_null();
    void add_integer(std::int64_t value);
    void add_real(double value);
    void add_text(std::string_view text);
    void add_blob(std::string_view bytes);
    ResultSetRef finish();

   private:
    void add_bytes(CellType type, std::string_view bytes);
    void grow(std::size_t more);
    boost::intrusive_ptr<ResultSet> set_;
    std::size_t used_ = 0;  // bytes of the arena; cells hold offsets until finish() knows where it lies
  };

 private:
  ResultSet() = default;
  friend void intrusive_ptr_add_ref(const ResultSet* set) { ++set->references_; }
  friend void intrusive_ptr_release(const ResultSet* set) {
    if (--set->references_ == 0) delete set;
  }

  mutable std::uint32_t references_ = 0;
  mutable bool digest_known_ = false;
  mutable Digest128 digest_;
  std::vector<std::string> names_;
  std::vector<Cell> cells_;
  std::unique_ptr<char[]> arena_;  // the bytes of all text and blob cells, in order; cells point into it
  std::size_t arena_capacity_ = 0;
  std::uint32_t text_bytes_ = 0;
};

}  // namespace tidemark::model

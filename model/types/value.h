// SQL values and result rows, as they travel between the hops.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

/// Names of a statement's columns, shared by all results of the statement. Never nullptr.
using ColumnNames = std::shared_ptr<const std::vector<std::string>>;
inline ColumnNames column_names(std::vector<std::string> names) {
  return std::make_shared<const std::vector<std::string>>(std::move(names));
}

/// What a result holds, or is expected to hold: memory is then taken once. A wrong guess costs time only.
struct ResultSize {
  std::size_t cells = 0;
  std::size_t bytes = 0;
};

class ResultSet;
using ResultSetRef = boost::intrusive_ptr<const ResultSet>;

/// Rows of one statement, immutable once built and shared by reference between hops and the history.
/// Cells are stored row after row: cell (r, c) is cells()[r * columns + c].
class ResultSet {
 public:
  /// Its memory serves a later set.
  ~ResultSet();
  ResultSet(const ResultSet&) = delete;
  ResultSet& operator=(const ResultSet&) = delete;

  std::uint32_t columns() const { return static_cast<std::uint32_t>(names_->size()); }
  std::uint32_t rows() const {
    return names_->empty() ? 0 : static_cast<std::uint32_t>(cells_.size() / names_->size());
  }
  const std::vector<std::string>& names() const { return *names_; }
  std::span<const Cell> row(std::uint32_t index) const {
    return std::span(cells_).subspan(std::size_t{index} * columns(), columns());
  }
  /// XXH3-128 over types, lengths and content in order; computed once. Equal content, equal digest.
  const Digest128& digest() const;
  /// Bytes that the rows would take as JSON, roughly: what the wire is charged.
  std::uint32_t wire_bytes() const { return static_cast<std::uint32_t>(16 + cells_.size() * 8 + text_bytes_); }

  ResultSize size() const { return {cells_.size(), text_bytes_}; }

  /// Builds one set. Add cells row by row; finish() fixes it.
  class Builder {
   public:
    explicit Builder(ColumnNames names, ResultSize hint = {});
    void add_null() { set_->cells_.emplace_back(); }
    void add_integer(std::int64_t value) {
      Cell& cell = set_->cells_.emplace_back();
      cell.type = CellType::kInteger;
      cell.integer = value;
    }
    void add_real(double value) {
      Cell& cell = set_->cells_.emplace_back();
      cell.type = CellType::kReal;
      cell.real = value;
    }
    void add_text(std::string_view text) { add_bytes(CellType::kText, text); }
    void add_blob(std::string_view bytes) { add_bytes(CellType::kBlob, bytes); }
    /// So far.
    ResultSize size() const { return {set_->cells_.size(), used_}; }
    ResultSetRef finish();

   private:
    void add_bytes(CellType type, std::string_view bytes) {
      if (set_->arena_capacity_ - used_ < bytes.size()) grow(bytes.size());
      if (!bytes.empty()) __builtin_memcpy(set_->arena_.get() + used_, bytes.data(), bytes.size());
      Cell& cell = set_->cells_.emplace_back();
      cell.type = type;
      cell.length = static_cast<std::uint32_t>(bytes.size());
      cell.integer = static_cast<std::int64_t>(used_);
      used_ += bytes.size();
    }
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
  ColumnNames names_;
  std::vector<Cell> cells_;
  std::unique_ptr<char[]> arena_;  // the bytes of all text and blob cells, in order; cells point into it
  std::size_t arena_capacity_ = 0;
  std::uint32_t text_bytes_ = 0;
};

}  // namespace tidemark::model

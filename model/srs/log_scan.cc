#include "model/srs/log_scan.h"

#include <algorithm>
#include <array>

#include "model/srs/log_format.h"

namespace tidemark::model::srs {
namespace {

class Scanner {
 public:
  Scanner(const sim::File& file, std::uint32_t page_size) : file_(file), page_size_(page_size), size_(file.size()) {}

  LogScan run() {
    if (size_ == 0) return std::move(scan_);
    if (std::uint64_t offset = 0; find_start(offset)) {
      scan_.good_end = offset;
      while (offset < size_ && take_record(offset)) {
      }
    }
    if (!scan_.problem.empty()) {
      scan_.state = newest_witness() > scan_.good_end ? LogState::kCorrupt : LogState::kTorn;
    }
    return std::move(scan_);
  }

 private:
  /// The offset of the first record. Trimming leaves zeros up to a record, prefix included, and never takes the last.
  bool find_start(std::uint64_t& offset) {
    PrefixBytes prefix{};
    if (file_.read(0, prefix) != prefix.size()) return fail("the log's own header is incomplete");
    offset = kLogPrefixBytes;
    if (check_prefix(prefix, page_size_)) return true;
    const auto is_zero = [](std::byte b) { return b == std::byte{0}; };
    if (!std::all_of(prefix.begin(), prefix.end(), is_zero)) return fail("the log's own header is damaged");
    std::array<std::byte, 4096> chunk{};
    for (std::uint64_t at = 0; at < size_; at += chunk.size()) {
      const std::size_t got = file_.read(at, chunk);
      const auto* end = chunk.data() + got;
      const auto* found = std::find_if_not(static_cast<const std::byte*>(chunk.data()), end, is_zero);
      offset = at + static_cast<std::uint64_t>(found - chunk.data());
      if (found != end) return true;
    }
    return fail("the log is nothing but zeros");
  }

  bool read_header(std::uint64_t offset, RecordHeader& out) const {
    std::array<std::byte, kRecordHeaderBytes> bytes{};
    return file_.read(offset, bytes) == bytes.size() && decode_header(bytes, offset, page_size_, out);
  }

  /// Adds the entry whose record begins at `offset` and moves on behind it.
  bool take_record(std::uint64_t& offset) {
    RecordHeader header;
    if (size_ - offset < kRecordHeaderBytes) return fail("a record's header is incomplete");
    if (!read_header(offset, header)) return fail("a record's header is damaged");
    if (header.bytes() > size_ - offset) return fail("a record is incomplete");
    if (!scan_.entries.empty() && scan_.entries.back().entry->bookmark() != header.previous) {
      return fail("a record does not continue the log");
    }
    CommittedTransaction transaction;
    transaction.database_pages = header.database_pages;
    if (!read_pages(offset + kRecordHeaderBytes, header, transaction)) return fail("a record's content is damaged");
    EntryRef entry = Entry::restore(header.previous, header.bookmark, std::move(transaction));
    if (!entry->chained()) return fail("an entry's digest does not fit its content");
    scan_.entries.push_back({std::move(entry), offset, offset + header.bytes()});
    scan_.good_end = offset = offset + header.bytes();
    return true;
  }

  bool read_pages(std::uint64_t offset, const RecordHeader& header, CommittedTransaction& out) const {
    std::vector<std::byte> bytes(std::size_t{header.pages} * kListItemBytes);
    file_.read(offset, bytes);
    std::vector<ListItem> list;
    if (!decode_list(bytes, header, list)) return false;
    offset += bytes.size();
    bytes.resize(page_size_);
    for (const ListItem& item : list) {
      file_.read(offset, bytes);
      sim::BufferRef page = sim::Buffer::copy(bytes);
      if (page->digest().low != item.checksum) return false;
      out.frames.push_back({item.page, std::move(page)});
      offset += page_size_;
    }
    return true;
  }

  /// The most that any good header from the bad place on says to have been durable.
  std::uint64_t newest_witness() const {
    std::vector<std::byte> rest(size_ - scan_.good_end);
    file_.read(scan_.good_end, rest);
    std::uint64_t durable_end = 0;
    RecordHeader header;
    for (std::size_t at = 0; at + kRecordHeaderBytes <= rest.size(); ++at) {
      const auto bytes = std::span<const std::byte>(rest).subspan(at, kRecordHeaderBytes);
      if (decode_header(bytes, scan_.good_end + at, page_size_, header))
        durable_end = std::max(durable_end, header.durable_end);
    }
    return durable_end;
  }

  bool fail(const char* what) {
    scan_.problem = std::string(what) + " at byte " + std::to_string(scan_.good_end);
    return false;
  }

  const sim::File& file_;
  const std::uint32_t page_size_;
  const std::uint64_t size_;
  LogScan scan_;
};

}  // namespace

LogScan scan_log(const sim::File& file, std::uint32_t page_size) {
  return Scanner(file, page_size).run();
}

}  // namespace tidemark::model::srs

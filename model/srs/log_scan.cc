#include "model/srs/log_scan.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tidemark::model::srs {
namespace {

constexpr int kReads = 2;

RecordRead bad(const char* problem) {
  RecordRead read;
  read.problem = problem;
  return read;
}

RecordRead unreadable() {
  RecordRead read;
  read.status = RecordStatus::kUnreadable;
  read.problem = "the disk does not return a record";
  return read;
}

RecordRead read_record_once(const sim::File& file, std::uint64_t offset, std::uint64_t end, const LogIdentity& log) {
  if (offset > end || end - offset < kRecordHeaderBytes) return bad("a record's header is incomplete");
  std::array<std::byte, kRecordHeaderBytes> head{};
  if (!read_exactly(file, offset, head)) return unreadable();
  RecordRead read;
  if (!decode_header(head, offset, log, read.header)) return bad("a record's header is damaged");
  if (read.header.bytes() > end - offset) return bad("a record is incomplete");
  std::vector<std::byte> bytes(std::size_t{read.header.pages} * kListItemBytes);
  if (!read_exactly(file, offset + kRecordHeaderBytes, bytes)) return unreadable();
  std::vector<ListItem> list;
  if (!decode_list(bytes, read.header, list)) return bad("a record's content is damaged");
  CommittedTransaction transaction;
  transaction.database_pages = read.header.database_pages;
  std::uint64_t at = offset + kRecordHeaderBytes + bytes.size();
  bytes.resize(log.page_size);
  for (const ListItem& item : list) {
    if (!read_exactly(file, at, bytes)) return unreadable();
    sim::BufferRef page = sim::Buffer::copy(bytes);
    if (page->digest().low != item.checksum) return bad("a record's content is damaged");
    transaction.frames.push_back({item.page, std::move(page)});
    at += log.page_size;
  }
  read.status = RecordStatus::kGood;
  if (read.header.type == RecordType::kCut) return read;
  read.entry = Entry::restore(read.header.previous, read.header.bookmark, std::move(transaction), read.header.committed,
                              read.header.kind);
  if (!read.entry->chained()) return bad("an entry's digest does not fit its content");
  return read;
}

class Scanner {
 public:
  Scanner(const sim::File& file, const LogIdentity& log, const LogStart& start, const BugSet& bugs)
      : file_(file), log_(log), start_(start), bugs_(bugs), size_(file.size()) {}

  LogScan run() {
    scan_.good_end = start_.offset;
    if (check_prefix() && check_size()) {
      while (scan_.good_end < size_ && take_record()) {
      }
    } else {
      scan_.good_end = 0;
    }
    if (!scan_.problem.empty() && scan_.state != LogState::kUnreadable) {
      scan_.state = newest_witness() > scan_.good_end ? LogState::kCorrupt : LogState::kTorn;
    } else if (scan_.state == LogState::kClean && start_.durable_end > scan_.good_end) {
      fail("the end of the log is missing");
      scan_.state = LogState::kCorrupt;
    }
    return std::move(scan_);
  }

 private:
  /// Once something was trimmed, the prefix is gone; the state file knows where the records begin.
  bool check_prefix() {
    if (start_.offset > kLogPrefixBytes) return true;
    std::string problem;
    for (int i = 0; i < kReads; ++i) {
      PrefixBytes prefix{};
      if (size_ >= prefix.size() && !read_exactly(file_, 0, prefix)) return give_up("the disk does not return the log");
      problem = prefix_problem(std::span(prefix).first(std::min<std::size_t>(prefix.size(), size_)), log_);
      if (problem.empty()) return true;
    }
    return fail(problem);
  }

  bool check_size() { return size_ >= start_.offset || fail("the log ends before its first record"); }

  bool take_record() {
    const std::uint64_t offset = scan_.good_end;
    const RecordRead read = read_record(file_, offset, size_, log_);
    if (read.status == RecordStatus::kUnreadable) return give_up(read.problem);
    if (read.status == RecordStatus::kBad) return fail(read.problem) || skip_hole();
    if (read.header.type == RecordType::kCut) {
      if (!cut_after(read.header.bookmark)) return fail("the log was cut after an entry that it does not hold");
    } else {
      // Bug A17: whatever looks like an entry is taken, also behind a hole.
      if (read.header.previous != last() && !bugs_.has(Bug::kA17)) return fail("a record does not continue the log");
      scan_.entries.push_back({read.header.bookmark, offset, offset + read.header.bytes(), read.header.previous});
    }
    scan_.good_end = offset + read.header.bytes();
    return true;
  }

  const Bookmark& last() const { return scan_.entries.empty() ? start_.base : scan_.entries.back().bookmark; }

  bool cut_after(const Bookmark& bookmark) {
    const auto kept = std::find_if(scan_.entries.begin(), scan_.entries.end(),
                                   [&](const ScannedEntry& entry) { return entry.bookmark == bookmark; });
    if (kept != scan_.entries.end()) {
      scan_.entries.erase(kept + 1, scan_.entries.end());
    } else if (bookmark == start_.base) {
      scan_.entries.clear();
    } else {
      return false;
    }
    return true;
  }

  /// Bug A17 goes on behind a bad place as if it were not there.
  bool skip_hole() {
    if (!bugs_.has(Bug::kA17)) return false;
    const std::uint64_t next = next_header(scan_.good_end + 1);
    if (next == 0) return false;
    scan_.good_end = next;
    scan_.problem.clear();
    return true;
  }

  /// Offset of the first good header at or behind `from`; 0 when there is none.
  std::uint64_t next_header(std::uint64_t from) const {
    RecordHeader header;
    std::array<std::byte, kRecordHeaderBytes> bytes{};
    for (std::uint64_t at = from; at + bytes.size() <= size_; ++at) {
      if (file_.read(at, bytes) == bytes.size() && decode_header(bytes, at, log_, header)) return at;
    }
    return 0;
  }

  /// The most that anybody says to have been durable: the state file, and any good header from the bad place on.
  std::uint64_t newest_witness() const {
    std::uint64_t durable_end = start_.durable_end;
    if (scan_.good_end >= size_) return durable_end;
    std::vector<std::byte> rest(size_ - scan_.good_end);
    for (int i = 0; i < kReads && durable_end <= scan_.good_end; ++i) {
      read_exactly(file_, scan_.good_end, rest);
      RecordHeader header;
      for (std::size_t at = 0; at + kRecordHeaderBytes <= rest.size(); ++at) {
        const auto bytes = std::span<const std::byte>(rest).subspan(at, kRecordHeaderBytes);
        if (decode_header(bytes, scan_.good_end + at, log_, header))
          durable_end = std::max(durable_end, header.durable_end);
      }
    }
    return durable_end;
  }

  bool fail(const std::string& what) {
    scan_.problem = what + " at byte " + std::to_string(scan_.good_end);
    return false;
  }
  bool give_up(const char* what) {
    scan_.state = LogState::kUnreadable;
    return fail(what);
  }

  const sim::File& file_;
  const LogIdentity log_;
  const LogStart start_;
  const BugSet bugs_;
  const std::uint64_t size_;
  LogScan scan_;
};

}  // namespace

bool read_exactly(const sim::File& file, std::uint64_t offset, std::span<std::byte> into) {
  for (int i = 0; i < kReads; ++i) {
    sim::IoStatus status = sim::IoStatus::kOk;
    if (file.try_read(offset, into, status) == into.size() && status == sim::IoStatus::kOk) return true;
  }
  return false;
}

RecordRead read_record(const sim::File& file, std::uint64_t offset, std::uint64_t end, const LogIdentity& log) {
  RecordRead read = read_record_once(file, offset, end, log);
  if (read.status == RecordStatus::kBad) read = read_record_once(file, offset, end, log);
  return read;
}

LogScan scan_log(const sim::File& file, const LogIdentity& log, const LogStart& start, const BugSet& bugs) {
  return Scanner(file, log, start, bugs).run();
}

}  // namespace tidemark::model::srs

#include "sim/trace/trace_file.h"

#include <array>
#include <cstring>

#include "sim/trace/trace_format.h"

namespace tidemark::sim {

namespace format = trace_format;

TraceWriter::TraceWriter(const std::string& path) : file_(path, std::ios::binary | std::ios::trunc) {
  std::array<char, format::kHeaderBytes> header{};
  std::memcpy(header.data(), format::kMagic.data(), format::kMagic.size());
  format::put<std::uint32_t>(header, 8, format::kVersion);
  format::put<std::uint32_t>(header, 12, format::kRecordBytes);
  file_.write(header.data(), header.size());
}

TraceWriter::~TraceWriter() {
  if (!finished_) finish();
}

void TraceWriter::on_event(const EventRecord& event) {
  TIDEMARK_ASSERT(!finished_);
  std::array<char, format::kRecordBytes> record{};
  format::put(record, 0, event.sequence);
  format::put(record, 8, event.when.ns());
  format::put(record, format::kKindAt, static_cast<std::uint16_t>(event.kind));
  format::put(record, format::kProcessAt, event.process);
  format::put(record, format::kTagAt, event.tag);
  format::put(record, format::kDigestAt, event.digest.high);
  format::put(record, format::kDigestAt + 8, event.digest.low);
  format::put(record, format::kCauseAt, event.cause);
  format::put(record, format::kCheckAt, format::check_of(std::span(record).first(format::kCheckAt)));
  file_.write(record.data(), record.size());
  ++records_;
}

bool TraceWriter::finish() {
  TIDEMARK_ASSERT(!finished_);
  finished_ = true;
  std::array<char, format::kFooterBytes> footer{};
  std::memcpy(footer.data(), format::kEndMagic.data(), format::kEndMagic.size());
  format::put(footer, 8, records_);
  format::put(footer, 16, format::check_of(std::span(footer).first(16)));
  file_.write(footer.data(), footer.size());
  file_.flush();
  const bool written = ok();
  file_.close();
  return written;
}

TraceReader::TraceReader(const std::string& path) : path_(path), file_(path, std::ios::binary) {
  std::array<char, format::kHeaderBytes> header{};
  if (!file_) {
    fail(0, "cannot be opened");
  } else if (!file_.read(header.data(), header.size())) {
    fail(static_cast<std::uint64_t>(file_.gcount()), "the file ends within the header");
  } else if (std::string_view(header.data(), 8) != format::kMagic) {
    fail(0, "not a trace file (it does not begin with TMTRACE)");
  } else if (const auto version = format::get<std::uint32_t>(header, 8); version != format::kVersion) {
    fail(8, "version " + std::to_string(version) + ", expected " + std::to_string(format::kVersion));
  } else if (const auto bytes = format::get<std::uint32_t>(header, 12); bytes != format::kRecordBytes) {
    fail(12, "records of " + std::to_string(bytes) + " bytes, expected " + std::to_string(format::kRecordBytes));
  }
  offset_ = format::kHeaderBytes;
}

std::optional<EventRecord> TraceReader::fail(std::uint64_t offset, const std::string& what) {
  done_ = true;
  error_ = path_ + ": offset " + std::to_string(offset) + ": " + what;
  return std::nullopt;
}

std::optional<EventRecord> TraceReader::read_footer(const char* bytes, std::size_t size) {
  const std::span<const char> footer(bytes, size);
  if (size < format::kFooterBytes) return fail(offset_ + size, "the file ends within the footer");
  if (size > format::kFooterBytes) return fail(offset_ + format::kFooterBytes, "bytes after the footer");
  if (format::get<std::uint64_t>(footer, 16) != format::check_of(footer.first(16)))
    return fail(offset_, "the footer is damaged (checksum)");
  const auto records = format::get<std::uint64_t>(footer, 8);
  if (records != records_)
    return fail(offset_,
                "the footer tells of " + std::to_string(records) + " records, read " + std::to_string(records_));
  done_ = true;
  return std::nullopt;
}

std::optional<EventRecord> TraceReader::next() {
  if (done_) return std::nullopt;
  std::array<char, format::kRecordBytes> record{};
  file_.read(record.data(), record.size());
  const auto size = static_cast<std::size_t>(file_.gcount());
  if (size == 0) return fail(offset_, "the file ends without a footer (the writer did not finish)");
  if (size >= 8 && std::string_view(record.data(), 8) == format::kEndMagic) return read_footer(record.data(), size);
  if (size < record.size()) return fail(offset_ + size, "the file ends within a record");
  if (format::get<std::uint64_t>(record, format::kCheckAt) !=
      format::check_of(std::span(record).first(format::kCheckAt)))
    return fail(offset_, "record " + std::to_string(records_ + 1) + " is damaged (checksum)");
  const EventRecord event{format::get<std::uint64_t>(record, 0),
                          Instant::from_ns(format::get<std::int64_t>(record, 8)),
                          static_cast<EventKind>(format::get<std::uint16_t>(record, format::kKindAt)),
                          format::get<std::uint32_t>(record, format::kProcessAt),
                          format::get<std::uint64_t>(record, format::kTagAt),
                          {format::get<std::uint64_t>(record, format::kDigestAt),
                           format::get<std::uint64_t>(record, format::kDigestAt + 8)},
                          format::get<std::uint64_t>(record, format::kCauseAt)};
  if (previous_ && event.sequence != previous_->sequence + 1)
    return fail(offset_,
                "sequence " + std::to_string(event.sequence) + " after " + std::to_string(previous_->sequence));
  if (previous_ && event.when < previous_->when) return fail(offset_, "virtual time runs backwards");
  previous_ = event;
  offset_ += record.size();
  ++records_;
  return event;
}

}  // namespace tidemark::sim

#include "checkers/formats/syntax/source.h"

#include <fcntl.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace tidemark::checkers {
namespace {

static_assert(Source::kPadding >= simdjson::SIMDJSON_PADDING);

/// Closes when it goes.
struct Descriptor {
  explicit Descriptor(int value) : number(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number); }
  int number;
};

std::string because(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

/// Bytes of the character that begins here; 0 when there is no such character.
std::size_t character_bytes(const unsigned char* at, std::size_t left) {
  const unsigned char first = *at;
  if (first < 0x80) return 1;
  const std::size_t bytes = first >= 0xc2 && first < 0xe0   ? 2
                            : first >= 0xe0 && first < 0xf0 ? 3
                            : first >= 0xf0 && first < 0xf5 ? 4
                                                            : 0;
  if (bytes == 0 || bytes > left) return 0;
  for (std::size_t i = 1; i < bytes; ++i)
    if ((at[i] & 0xc0) != 0x80) return 0;
  if (first == 0xe0 && at[1] < 0xa0) return 0;  // could be shorter
  if (first == 0xed && at[1] > 0x9f) return 0;  // half of a pair of UTF-16
  if (first == 0xf0 && at[1] < 0x90) return 0;
  if (first == 0xf4 && at[1] > 0x8f) return 0;  // beyond Unicode
  return bytes;
}

}  // namespace

Source Source::file(const std::string& path) {
  Source source(path);
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number < 0) throw HistoryError(path, 0, 0, because("cannot be opened"));
  struct stat status {};
  if (::fstat(descriptor.number, &status) != 0) throw HistoryError(path, 0, 0, because("cannot be looked at"));
  if (S_ISDIR(status.st_mode)) throw HistoryError(path, 0, 0, "is a folder");
  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    source.map(descriptor.number, static_cast<std::size_t>(status.st_size));
  } else {
    source.slurp(descriptor.number);
  }
  source.skip_mark();
  return source;
}

Source::Source(std::string name, std::string_view text)
    : name_(std::move(name)), copy_(std::make_unique<char[]>(text.size() + kPadding)) {
  if (!text.empty()) std::memcpy(copy_.get(), text.data(), text.size());
  text_ = {copy_.get(), text.size()};
  skip_mark();
}

Source::Source(Source&& other) noexcept
    : name_(std::move(other.name_)),
      text_(other.text_),
      copy_(std::move(other.copy_)),
      mapped_(other.mapped_),
      mapped_bytes_(other.mapped_bytes_) {
  other.mapped_ = nullptr;
}

Source::~Source() {
  if (mapped_ != nullptr) ::munmap(mapped_, mapped_bytes_);
}

/// The file over the beginning of a larger mapping of zeros, so that there is something behind its last page.
void Source::map(int descriptor, std::size_t size) {
  mapped_bytes_ = size + kPadding;
  void* room = ::mmap(nullptr, mapped_bytes_, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) throw HistoryError(name_, 0, 0, because("cannot be mapped"));
  mapped_ = room;
  if (::mmap(room, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == MAP_FAILED)
    throw HistoryError(name_, 0, 0, because("cannot be mapped"));
  ::madvise(room, size, MADV_SEQUENTIAL);
  text_ = {static_cast<const char*>(room), size};
}

void Source::slurp(int descriptor) {
  std::vector<char> bytes(std::size_t{64} << 10);
  std::size_t have = 0;
  for (;;) {
    if (bytes.size() - have < kPadding) bytes.resize(bytes.size() * 2);
    const ssize_t got = ::read(descriptor, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw HistoryError(name_, 0, 0, because("cannot be read"));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
    if (have > kMostPiped) throw HistoryError(name_, 0, 0, "is not a regular file, and longer than 4 GiB");
  }
  copy_ = std::make_unique<char[]>(have + kPadding);
  std::memcpy(copy_.get(), bytes.data(), have);
  text_ = {copy_.get(), have};
}

void Source::skip_mark() {
  if (text_.substr(0, 3) == "\xef\xbb\xbf") text_.remove_prefix(3);
}

void Source::fail(const char* at, std::string message) const {
  const char* stop = std::clamp(at, begin(), end());
  const auto line = static_cast<std::uint64_t>(std::count(begin(), stop, '\n')) + 1;
  const char* first = stop;
  while (first > begin() && first[-1] != '\n') --first;
  throw HistoryError(name_, line, static_cast<std::uint64_t>(stop - first) + 1, std::move(message));
}

void Source::require_utf8() const {
  if (simdjson::validate_utf8(text_.data(), text_.size())) return;
  const char* at = begin();
  while (at < end()) {
    const std::size_t bytes =
        character_bytes(reinterpret_cast<const unsigned char*>(at), static_cast<std::size_t>(end() - at));
    if (bytes == 0) fail(at, "the text is not UTF-8");
    at += bytes;
  }
}

std::uint32_t LineCounter::line(const char* at) {
  while (at_ < at) {
    const void* newline = std::memchr(at_, '\n', static_cast<std::size_t>(at - at_));
    if (newline == nullptr) break;
    at_ = static_cast<const char*>(newline) + 1;
    ++line_;
  }
  at_ = std::max(at_, at);
  if (line_ > UINT32_MAX) source_.fail(at, "more than 4294967295 lines");
  return static_cast<std::uint32_t>(line_);
}

}  // namespace tidemark::checkers

// The hex examples of docs/formats.md are what the program writes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "doc_text.h"
#include "model/control/record.h"
#include "model/srs/cold_format.h"
#include "model/srs/follower_meta.h"
#include "model/srs/log_format.h"

namespace tidemark::model {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::uint32_t kPageSize = 512;
constexpr std::uint32_t kDay = 20'000;
const sim::Instant kCommitted = sim::Instant::from_ns(1'500'000'000);

/// As hexdump does it: 16 bytes a line, lines that repeat the one before as "*", the length last.
std::string hex(const Bytes& bytes) {
  std::string text, previous;
  bool starred = false;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    std::string line;
    for (std::size_t i = at; i < std::min(at + 16, bytes.size()); ++i)
      line += fmt::format(" {:02x}", static_cast<unsigned>(bytes[i]));
    if (line != previous) text += fmt::format("{:04x} {}\n", at, line);
    if (line == previous && !starred) text += "*\n";
    starred = line == previous;
    previous = line;
  }
  return text + fmt::format("{:04x}\n", bytes.size());
}

void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

sim::BufferRef page_of(int value) {
  return sim::Buffer::copy(Bytes(kPageSize, static_cast<std::byte>(value)));
}

/// Page 1 full of 0x11, of a database of one page.
EntryRef first_entry() {
  return Entry::make({}, 1, kDay, {{{1, page_of(0x11)}}, 1}, kCommitted, EntryKind::kEpochStart);
}

Bytes log_example() {
  const srs::LogIdentity log{kPageSize, 7};
  const srs::PrefixBytes prefix = srs::encode_prefix(log);
  Bytes bytes(prefix.begin(), prefix.end());
  const EntryRef entry = first_entry();
  append(bytes, srs::encode_record_head(*entry, bytes.size(), bytes.size(), log));
  const auto page = entry->frames().front().bytes->bytes();
  append(bytes, Bytes(page.begin(), page.end()));
  append(bytes, srs::encode_cut({}, bytes.size(), bytes.size(), log));
  return bytes;
}

Bytes meta_example() {
  srs::FollowerRecord record;
  record.promise = 3;
  record.state = FollowerState::kMember;
  record.generation = 7;
  record.target = first_entry()->bookmark();
  record.durable_end = 668;
  record.confirmed = record.target;
  return srs::encode_follower_record(record);
}

Bytes joined(const sim::ObjectBody& body) {
  Bytes bytes;
  for (const sim::BufferRef& part : body.parts) append(bytes, {part->bytes().begin(), part->bytes().end()});
  return bytes;
}

Bytes control_example() {
  control::DatabaseRecord record;
  record.epoch = 2;
  record.host = 9;
  record.version = 4;
  record.ever_served = true;
  record.followers = {2, 3, 4, 5, 6};
  return control::encode(record);
}

Bytes bookmark_example() {
  srs::ByteWriter writer;
  writer.bookmark(first_entry()->bookmark());
  return {writer.bytes().begin(), writer.bytes().end()};
}

TEST(FormatsPage, ShowsTheBytesThatAreWritten) {
  const EntryRef entry = first_entry();
  const srs::PageTable image(entry->bookmark(), {page_of(0x11)}, kCommitted);
  const std::vector<std::string> expected = {
      "bookmark " + entry->bookmark().text() + "\n" + hex(bookmark_example()),
      "shop.7.log\n" + hex(log_example()),
      "shop.meta\n" + hex(meta_example()),
      srs::segment_key("shop", entry->bookmark(), entry->bookmark()) + "\n" +
          hex(joined(srs::encode_segment({entry}, kPageSize))),
      srs::snapshot_key("shop", entry->bookmark(), kCommitted) + "\n" +
          hex(joined(srs::encode_snapshot(image, entry->bookmark(), kPageSize))),
      "shop.control\n" + hex(control_example()),
  };
  const std::vector<std::string> shown = code_blocks(doc_text("formats.md"), "hex");
  ASSERT_EQ(shown.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(shown[i], expected[i]) << "block " << i + 1 << " of docs/formats.md should be:\n" << expected[i];
}

}  // namespace
}  // namespace tidemark::model

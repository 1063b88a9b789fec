// wal_problem() reads the format on its own; here it meets what the model's writer makes, and what damage makes of it.
#include "scenarios/run/wal_check.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "model/sqlite/wal_checksum.h"
#include "model/sqlite/wal_format.h"
#include "model/sqlite/wal_scan.h"

namespace tidemark::scenarios {
namespace {

using namespace model::sqlite;

constexpr std::uint32_t kPage = 512;

/// Two transactions of two frames and of one.
std::vector<std::byte> good_wal() {
  const Salts salts{{7, 9}};
  const WalHeaderBytes header = make_wal_header(kPage, 3, salts);
  std::vector<std::byte> wal(header.bytes, header.bytes + kWalHeaderBytes);
  Checksum state = header.checksum;
  std::uint32_t number = 0;
  for (const std::uint32_t commit : {0U, 2U, 3U}) {
    std::vector<std::byte> frame(kFrameHeaderBytes + kPage, std::byte{static_cast<unsigned char>(++number)});
    put_u32(&frame[kFramePageAt], number);
    put_u32(&frame[kFrameCommitAt], commit);
    std::memcpy(&frame[kFrameSaltsAt], &salts, sizeof salts);
    state = walk_checksum(std::span(frame).first(kFrameSaltsAt), state);
    state = walk_checksum(std::span(frame).subspan(kFrameHeaderBytes), state);
    put_u32(&frame[kFrameChecksumAt], state.first);
    put_u32(&frame[kFrameChecksumAt + 4], state.second);
    wal.insert(wal.end(), frame.begin(), frame.end());
  }
  return wal;
}

std::size_t frame_at(std::uint32_t frame) {
  return frame_offset(frame, kPage);
}

TEST(WalCheck, AcceptsAWellFormedWalAndOneWithoutBytes) {
  EXPECT_EQ(wal_problem(good_wal(), kPage), "");
  EXPECT_EQ(wal_problem({}, kPage), "");
}

TEST(WalCheck, SaysWhatIsWrongWithTheHeader) {
  std::vector<std::byte> wal = good_wal();
  EXPECT_EQ(wal_problem(std::span(wal).first(20), kPage), "it has 20 bytes, less than a header");
  EXPECT_EQ(wal_problem(wal, 1024), "its page size is 512, that of the database 1024");
  wal[kWalSaltsAt] ^= std::byte{1};
  EXPECT_EQ(wal_problem(wal, kPage), "the checksum of its header is wrong");
}

TEST(WalCheck, SaysWhichFrameIsWrong) {
  std::vector<std::byte> wal = good_wal();
  wal[frame_at(2) + kFrameHeaderBytes + 5] ^= std::byte{1};
  EXPECT_EQ(wal_problem(wal, kPage), "frame 2 has a checksum that does not continue the chain");
  wal = good_wal();
  put_u32(&wal[frame_at(3) + kFrameSaltsAt], 1);
  EXPECT_EQ(wal_problem(wal, kPage).rfind("frame 3 has not the salts of the header (00000001 ", 0), 0U);
  wal = good_wal();
  wal.resize(wal.size() - 1);
  EXPECT_EQ(wal_problem(wal, kPage), "it does not end with a whole frame");
}

TEST(WalCheck, AWalMayNotEndInsideATransaction) {
  const std::vector<std::byte> wal = good_wal();
  EXPECT_EQ(wal_problem(std::span(wal).first(frame_at(2)), kPage),
            "it ends with 1 frames of a transaction without its end");
  EXPECT_EQ(wal_problem(std::span(wal).first(frame_at(3)), kPage), "");
}

}  // namespace
}  // namespace tidemark::scenarios

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <tuple>

#include "file_reference.h"
#include "sim/disk/block_file.h"

namespace tidemark::sim {
namespace {

constexpr std::uint64_t kMaxSize = 8 * kSectorBytes;  // where writes aim; appends go beyond
constexpr std::uint64_t kSectors = 256;               // more than any file gets
constexpr std::array<FileLayout, 9> kLayouts = {{{0, 0, 0},
                                                 {32, 24, 512},
                                                 {0, 0, 512},
                                                 {32, 24, 1024},
                                                 {0, 0, 64},
                                                 {7, 3, 100},
                                                 {0, 24, 8},
                                                 {600, 0, 256},
                                                 {1, 1, 1}}};

/// What the numbers mean depends on the kind; all are reduced to what is allowed.
using Step = std::tuple<int, std::uint32_t, std::uint32_t>;

/// Draws its cuts from a few numbers, and remembers them.
class ChosenSurvivors final : public Survivors {
 public:
  ChosenSurvivors(std::uint64_t low, std::uint64_t high, std::uint64_t salt) : low_(low), high_(high), salt_(salt) {}
  std::uint64_t length_cut(const UnsyncedFile&) override { return length = next(); }
  std::uint64_t sector_cut(const UnsyncedFile&, std::uint64_t sector) override {
    RC_ASSERT(sector < sectors.size());
    RC_ASSERT(static_cast<std::int64_t>(sector) > last_sector_);
    last_sector_ = static_cast<std::int64_t>(sector);
    return sectors[sector] = next();
  }
  std::uint64_t length = kNothing;
  std::vector<std::uint64_t> sectors = std::vector<std::uint64_t>(kSectors, kNothing);

 private:
  std::uint64_t next() {
    salt_ = salt_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return low_ + (salt_ >> 33) % (high_ - low_ + 1);
  }
  const std::uint64_t low_, high_;
  std::uint64_t salt_;
  std::int64_t last_sector_ = -1;
};

class Rig {
 public:
  explicit Rig(FileLayout layout) : file_(layout, last_write_) {}

  void apply(const Step& step) {
    const auto [kind, a, b] = step;
    switch (kind) {
      case 0:
      case 1:
      case 2:
        return write(a % (kMaxSize / 2), filler(b % 700, last_write_ + 1));
      case 3:
        return write(expected_.written().size(), filler(b % 90, last_write_ + 1));  // append
      case 4:
        return write_shared(a, b);
      case 5:
        return truncate(a % kMaxSize);
      case 6:
        file_.begin_sync();
        return expected_.begin_sync();
      case 7:
      case 8:
        if (expected_.pending_syncs() == 0) return;
        file_.complete_sync();
        return expected_.complete_sync();
      case 9:
        file_.discard_before(a % (kMaxSize / 2));
        return expected_.discard_before(a % (kMaxSize / 2));
      case 10:
        return file_.set_layout(kLayouts[a % kLayouts.size()]);
      case 11:
        return file_.compact();
      default:
        return lose_power(kind, a, b);
    }
  }

  void check(std::uint32_t probe) {
    const Bytes& written = expected_.written();
    RC_ASSERT(file_.size() == written.size());
    RC_ASSERT(file_.durable_size() == expected_.durable().size());
    Bytes all(file_.size() + 10, std::byte{0xee});
    RC_ASSERT(file_.read(0, all) == written.size());
    all.resize(written.size());
    RC_ASSERT(all == written);
    Bytes durable(file_.durable_size());
    RC_ASSERT(file_.read_durable(0, durable) == durable.size());
    RC_ASSERT(durable == expected_.durable());
    check_some_range(probe);
    check_body(probe);
    for (const auto& [buffer, copy] : seen_) {
      RC_ASSERT(std::equal(copy.begin(), copy.end(), buffer->bytes().begin(), buffer->bytes().end()));
    }
  }

 private:
  void write(std::uint64_t offset, const Bytes& bytes) {
    file_.write(offset, bytes);
    expected_.write(offset, bytes);
  }
  void write_shared(std::uint32_t a, std::uint32_t b) {
    const FileLayout layout = file_.layout();
    std::uint64_t offset = a % (kMaxSize / 2);
    std::size_t size = b % 300;
    if (layout.body != 0 && b % 3 != 0) {  // exactly a body
      const std::uint64_t stride = layout.header + layout.body;
      offset = layout.prefix + offset / stride * stride + layout.header;
      size = layout.body;
    }
    const Bytes bytes = filler(size, last_write_ + 1);
    const BufferRef buffer = Buffer::copy(bytes);
    file_.write_shared(offset, buffer);
    expected_.write(offset, bytes);
    seen_.emplace_back(buffer, bytes);
    if (layout.body != 0 && size == layout.body && b % 3 != 0) {
      const std::uint64_t index = (offset - layout.prefix) / (layout.header + layout.body);
      RC_ASSERT(file_.body(index) == buffer);
    }
  }
  void truncate(std::uint64_t size) {
    file_.truncate(size);
    expected_.truncate(size);
  }
  void lose_power(int kind, std::uint32_t a, std::uint32_t b) {
    if (kind == 12) {
      file_.lose_power("f", nullptr);
      expected_.lose_power(Survivors::kNothing, std::vector<std::uint64_t>(kSectors, Survivors::kNothing));
    } else {
      // A long record of un-synced writes may have been compacted: then earlier cuts are not exact.
      const std::uint64_t exact_from = file_.unsynced("f").exact_from;
      RC_ASSERT(exact_from <= expected_.newest());
      const std::uint64_t low = std::max(expected_.durable_sequence(), exact_from);
      const std::uint64_t one = low + a % (expected_.newest() - low + 1);
      ChosenSurvivors chosen(kind == 13 ? one : low, kind == 13 ? one : expected_.newest(), b);
      file_.lose_power("f", &chosen);
      // Where nothing was un-synced nothing was asked, and all states since the durable one agree.
      expected_.lose_power(chosen.length, chosen.sectors);
    }
    ++last_write_;  // the reference counts the power loss as a state
    RC_ASSERT(!file_.has_unsynced());
    RC_ASSERT(file_.pending_syncs() == 0U);
  }
  void check_some_range(std::uint32_t probe) {
    const Bytes& written = expected_.written();
    const std::uint64_t offset = probe % (written.size() + 5);
    Bytes part(probe / 7 % 200);
    const std::size_t count = file_.read(offset, part);
    const std::size_t there = offset < written.size() ? written.size() - offset : 0;
    RC_ASSERT(count == std::min(part.size(), there));
    RC_ASSERT(
        std::equal(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(count),
                   written.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(offset, written.size()))));
    const Bytes& durable = expected_.durable();
    const std::uint64_t from = probe % (durable.size() + 1);
    Bytes durable_part(50);
    const std::size_t got = file_.read_durable(from, durable_part);
    RC_ASSERT(got == std::min<std::size_t>(50, durable.size() - from));
    RC_ASSERT(std::equal(durable_part.begin(), durable_part.begin() + static_cast<std::ptrdiff_t>(got),
                         durable.begin() + static_cast<std::ptrdiff_t>(from)));
  }
  void check_body(std::uint32_t probe) {
    const FileLayout layout = file_.layout();
    const Bytes& written = expected_.written();
    if (layout.body == 0) {
      RC_ASSERT(file_.body(0) == nullptr);
      return;
    }
    const std::uint64_t index = probe % 20;
    const std::uint64_t offset = layout.prefix + index * (layout.header + layout.body) + layout.header;
    const BufferRef body = file_.body(index);
    RC_ASSERT((body != nullptr) == (offset < written.size()));
    if (body == nullptr) return;
    RC_ASSERT(body->size() == std::min<std::uint64_t>(layout.body, written.size() - offset));
    RC_ASSERT(
        std::equal(body->bytes().begin(), body->bytes().end(), written.begin() + static_cast<std::ptrdiff_t>(offset)));
    seen_.emplace_back(body, Bytes(body->bytes().begin(), body->bytes().end()));
  }

  std::uint64_t last_write_ = 0;
  BlockFile file_;
  FileReference expected_;
  std::vector<std::pair<BufferRef, Bytes>> seen_;  // shared buffers and what they must always contain
};

TEST(BlockFileProperty, BothImagesEqualPlainBytesAfterAnySteps) {
  EXPECT_TRUE(rc::check([] {
    const auto layout = *rc::gen::inRange<std::size_t>(0, kLayouts.size());
    const auto steps = *rc::gen::scale(2.0, rc::gen::container<std::vector<Step>>(rc::gen::tuple(
                                                rc::gen::inRange(0, 15), rc::gen::inRange<std::uint32_t>(0, 1U << 20),
                                                rc::gen::inRange<std::uint32_t>(0, 1U << 20))));
    Rig rig(kLayouts[layout]);
    for (const Step& step : steps) {
      rig.apply(step);
      rig.check(std::get<1>(step) ^ std::get<2>(step));
    }
  }));
}

}  // namespace
}  // namespace tidemark::sim

#include "sim/disk/survivor_images.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "sim/disk/block_file.h"

namespace tidemark::sim {
namespace {

constexpr std::int64_t kLength = -1;

}  // namespace

SurvivorImages::SurvivorImages(const std::vector<UnsyncedChange>& changes, std::uint64_t most) : most_(most) {
  TIDEMARK_ASSERT(most > 0);
  if (enumerate(questions(changes, kSectorBytes), kSectorBytes)) return;
  unit_ = Unit::kPage;
  if (enumerate(questions(changes, kCachePageBytes), kCachePageBytes)) return;
  unit_ = Unit::kPrefix;
  enumerate_prefixes(changes);
}

void SurvivorImages::choose(std::uint64_t image) {
  TIDEMARK_ASSERT(image < count());
  chosen_ = image;
}

/// Of a length that comes again only the first time counts.
void SurvivorImages::Choice::add_length(std::uint64_t cut, std::uint64_t length) {
  if (!cuts.empty() && cut == kNothing) return;
  if (std::find(lengths.begin(), lengths.end(), length) != lengths.end()) return;
  cuts.push_back(cut);
  lengths.push_back(length);
}

/// What has to be decided, and the different answers.
SurvivorImages::Questions SurvivorImages::questions(const std::vector<UnsyncedChange>& changes,
                                                    std::uint64_t unit_bytes) {
  Questions all;
  for (const UnsyncedChange& change : changes) {
    Choice& length = all[{std::string(change.file), kLength}];
    length.add_length(kNothing, change.old_size);
    length.add_length(change.sequence, change.new_size);
    for (std::uint64_t at = change.begin; at < change.end; at = (at / unit_bytes + 1) * unit_bytes) {
      Cuts& cuts = all[{std::string(change.file), static_cast<std::int64_t>(at / unit_bytes)}].cuts;
      if (cuts.empty()) cuts.push_back(kNothing);
      if (cuts.back() != change.sequence) cuts.push_back(change.sequence);
    }
  }
  return all;
}

bool SurvivorImages::enumerate(const Questions& all, std::uint64_t unit_bytes) {
  unit_bytes_ = unit_bytes;
  images_.clear();
  Image none;
  return extend(all.begin(), all, 0, none);
}

/// Answers the questions from `next` on in every way. `length`: of the file that the newest answers are about. What
/// would be behind its end is not asked for.
bool SurvivorImages::extend(Questions::const_iterator next, const Questions& all, std::uint64_t length, Image& so_far) {
  if (next == all.end()) {
    images_.push_back(so_far);
    return images_.size() <= most_;
  }
  const auto& question = next->first;  // no structured binding: clang 14 does not let a lambda use one
  const auto& choice = next->second;
  const auto answer = [&](std::uint64_t cut, std::uint64_t new_length) {
    so_far[question] = cut;
    return extend(std::next(next), all, new_length, so_far);
  };
  if (question.place == kLength) {
    for (std::size_t i = 0; i < choice.cuts.size(); ++i)
      if (!answer(choice.cuts[i], choice.lengths[i])) return false;
    return true;
  }
  if (static_cast<std::uint64_t>(question.place) * unit_bytes_ >= length) return answer(kNothing, length);
  return std::all_of(choice.cuts.begin(), choice.cuts.end(), [&](std::uint64_t cut) { return answer(cut, length); });
}

void SurvivorImages::enumerate_prefixes(const std::vector<UnsyncedChange>& changes) {
  std::set<std::uint64_t> cuts = {kNothing};
  for (const UnsyncedChange& change : changes) cuts.insert(change.sequence);
  prefixes_.assign(cuts.begin(), cuts.end());
  images_.assign(prefixes_.size(), {});
}

std::uint64_t SurvivorImages::length_cut(const UnsyncedFile& file) {
  if (unit_ == Unit::kPrefix) return prefixes_[chosen_];
  return images_[chosen_].at({std::string(file.name), kLength});
}

std::uint64_t SurvivorImages::sector_cut(const UnsyncedFile& file, std::uint64_t sector) {
  if (unit_ == Unit::kPrefix) return prefixes_[chosen_];
  const auto place = static_cast<std::int64_t>(sector * kSectorBytes / unit_bytes_);
  return images_[chosen_].at({std::string(file.name), place});
}

}  // namespace tidemark::sim

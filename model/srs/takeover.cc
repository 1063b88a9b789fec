#include "model/srs/takeover.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"
#include "model/srs/cold_reader.h"
#include "model/srs/takeover_link.h"
#include "model/types/points.h"

namespace tidemark::model::srs {
namespace {
/// Promises are asked for again when nothing has changed for this long. Ours.
constexpr sim::Duration kSealPause = sim::Duration::seconds(2);
/// A follower that has not answered a Fetch for this long is given up for the round. Ours.
constexpr sim::Duration kFetchPatience = sim::Duration::seconds(5);
/// Before the next round. Ours.
constexpr sim::Duration kRoundPause = sim::Duration::milliseconds(500);
}  // namespace

Takeover::Takeover(const RelaySetup& setup, const Appoint& appoint)
    : setup_(setup),
      epoch_(appoint.epoch),
      fresh_(appoint.fresh),
      timeout_(*this, &Takeover::wake, setup.env.process()) {
  TIDEMARK_ASSERT(appoint.followers.size() == setup.options.followers);
  for (const std::uint32_t follower : appoint.followers)
    links_.push_back(std::make_unique<TakeoverLink>(*this, setup_.env.process(), follower));
}

Takeover::~Takeover() = default;

sim::Task<TakeoverEnd> Takeover::run() {
  while (!deposed_) {
    ++rounds_;
    phase_ = LeaderPhase::kSealing;
    while (!deposed_ && counted() < needed()) {
      const bool changed = co_await until_changed(kSealPause);
      if (!changed) ask_again();
    }
    if (deposed_) break;
    if (setup_.env.unlikely("takeover/wait-for-more", sim::BuggifyClass::kEarly)) {
      co_await until_changed(kSealPause);
      continue;
    }
    if (!reach(setup_.env.process(), Point::kTakeoverSealed)) break;
    const TakeoverLink* chosen = choose();
    const Bookmark base = chosen->sealed()->base;
    const Bookmark last = chosen->sealed()->last;
    phase_ = LeaderPhase::kLoading;
    if (!reach(setup_.env.process(), Point::kTakeoverChosen)) break;
    bool loaded = co_await load(base, last);
    if (setup_.env.unlikely("takeover/load-fails", sim::BuggifyClass::kError)) loaded = false;
    if (loaded && !reach(setup_.env.process(), Point::kTakeoverLoaded)) break;
    if (loaded) co_return TakeoverEnd::kDone;
    if (deposed_) break;
    co_await sim::sleep(setup_.env.process(), kRoundPause);
    // A log may have been lost meanwhile: nobody's word of the last round counts in the next one.
    ask_again();
  }
  co_return TakeoverEnd::kDeposed;
}

LeaderStart Takeover::take() {
  return std::move(start_);
}

void Takeover::ask_again() {
  for (const auto& link : links_) link->ask_again();
}

void Takeover::deposed() {
  deposed_ = true;
  wake();
}

/// So many that every quorum of a leader before shares a member with them.
std::size_t Takeover::needed() const {
  // Bug B5: two followers are asked, as if that met every quorum of three.
  if (setup_.bugs.has(Bug::kB5)) return 2;
  return setup_.options.followers - setup_.options.quorum + 1;
}

bool Takeover::counts(const TakeoverLink& link) const {
  if (link.sealed() == nullptr) return false;
  return link.sealed()->state == FollowerState::kMember || (fresh_ && link.sealed()->state == FollowerState::kBlank);
}

std::size_t Takeover::counted() const {
  return static_cast<std::size_t>(
      std::count_if(links_.begin(), links_.end(), [this](const auto& link) { return counts(*link); }));
}

/// The log that ends highest by the epoch of its last entry, then by its sequence.
const TakeoverLink* Takeover::choose() const {
  const TakeoverLink* best = nullptr;
  const auto lower = [this](const Bookmark& a, const Bookmark& b) {
    // Bug B4: the longest log, whatever the epoch of its last entry.
    return setup_.bugs.has(Bug::kB4) ? std::tie(a.sequence, a.epoch) < std::tie(b.sequence, b.epoch) : a < b;
  };
  for (const auto& link : links_) {
    if (!counts(*link)) continue;
    if (best == nullptr || lower(best->sealed()->last, link->sealed()->last)) best = link.get();
  }
  return best;
}

/// The image and the entries after it. False: this round failed, `problem_` says why.
sim::Task<bool> Takeover::load(Bookmark base, Bookmark last) {
  start_ = {};
  start_.epoch = epoch_;
  start_.leased = true;
  problem_.clear();
  if (!last.is_origin() || !fresh_) {
    ColdImage cold = co_await read_cold(setup_);
    if (deposed_) co_return false;
    if (!usable(cold, base)) co_return false;
    deposed_ = cold.position().epoch > epoch_;  // a later leader has confirmed and stored entries meanwhile
    if (deposed_) co_return false;
    start_.image = cold.at_end();
    start_.stock = std::move(cold.stock);
  }
  for (std::size_t index = 0; index < links_.size() && start_.newest() < last; ++index) {
    if (ends_at(*links_[index], last)) co_await fetch(index, last);
    if (deposed_) co_return false;
  }
  if (start_.newest() < last) {
    problem_ = "no follower gave all entries up to " + last.text();
    co_return false;
  }
  // Bug B2: numbers go on after the position of cold storage, as if nothing had followed it.
  if (setup_.bugs.has(Bug::kB2)) start_.recovered.clear();
  co_return true;
}

/// Is this image as new as the log needs it to be? What is trimmed from the log is in cold storage: when it is not in
/// the image, the listing was old or an object could not be read; both may be better later.
bool Takeover::usable(const ColdImage& cold, const Bookmark& base) {
  const bool read = cold.status == ColdStatus::kOk || (cold.status == ColdStatus::kDamaged && cold.stock.has_snapshot);
  const bool nothing = cold.status == ColdStatus::kNothing;
  if ((read || nothing) && cold.position() >= base) return true;
  problem_ = cold.problem.empty() ? "cold storage does not show what the log begins after" : cold.problem;
  return false;
}

bool Takeover::ends_at(const TakeoverLink& link, const Bookmark& last) const {
  return counts(link) && link.sealed()->last == last && link.sealed()->base <= start_.newest();
}

/// Entries after start_.newest() up to `last` from one follower, as far as it gives them.
sim::Task<void> Takeover::fetch(std::size_t index, Bookmark last) {
  TakeoverLink& link = *links_[index];
  while (start_.newest() < last) {
    link.fetch(start_.newest());
    const sim::Instant deadline = setup_.env.now() + kFetchPatience;
    boost::intrusive_ptr<const Fetched> answer = link.take_fetched();
    while (answer == nullptr && !deposed_ && !link.lost() && setup_.env.now() < deadline) {
      co_await until_changed(deadline - setup_.env.now());
      answer = link.take_fetched();
    }
    if (answer == nullptr || deposed_ || !accept(*answer, last)) co_return;
  }
}

/// False: nothing new can be expected from this follower.
bool Takeover::accept(const Fetched& answer, const Bookmark& last) {
  if (!answer.ok) return false;
  const std::size_t before = start_.recovered.size();
  for (const EntryRef& entry : answer.entries) {
    if (start_.newest() == last) break;
    if (entry->previous() != start_.newest() || !entry->chained()) return false;
    start_.recovered.push_back(entry);
  }
  return start_.recovered.size() > before;
}

/// False when nothing happened for so long. What woke it is for the caller to find out.
sim::Task<bool> Takeover::until_changed(sim::Duration at_most) {
  const sim::Instant deadline = setup_.env.now() + at_most;
  setup_.env.process().scheduler().arm(timeout_, deadline);
  co_await changed_.wait(setup_.env.process());
  timeout_.cancel();
  co_return setup_.env.now() < deadline;
}

}  // namespace tidemark::model::srs

#include "model/client/mischief.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace tidemark::model {
namespace {

constexpr std::uint64_t kFurthestFuture = 1'000'000;  // entries
constexpr std::uint64_t kLongestPauseNs = 500'000'000;
constexpr std::uint64_t kLongestPatienceNs = 300'000'000;

std::uint32_t up_to(sim::RandomStream& random, std::uint64_t most) {
  return static_cast<std::uint32_t>(1 + random.below(most));
}

SessionToken malformed(sim::RandomStream& random) {
  static constexpr std::string_view kTexts[] = {
      "null",
      "zzzzzzzz-zzzzzzzz-zzzzzzzz-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
      "00000001-00000002",
      "00000001-00000002-000050EE-0123456789ABCDEF0123456789ABCDEF",
      "00000001-00000002-000050ee-0123456789abcdef0123456789abcdef0",
      "0000000100000002000050ee0123456789abcdef0123456789abcdef",
      "!",
      "'; DROP TABLE Orders; --",
      "{\"bookmark\": 7}",
      "first-Primary",
  };
  const std::uint64_t which = random.below(std::size(kTexts) + 1);
  if (which == std::size(kTexts)) return SessionToken::parse(std::string(8'000, 'f'));
  return SessionToken::parse(kTexts[which]);
}

}  // namespace

SessionToken strange_token(StrangeToken form, const SessionToken& like, sim::RandomStream& random) {
  Bookmark bookmark{1, 1, 1, {}};
  if (like.kind() == SessionToken::Kind::kBookmark) bookmark = like.bookmark();
  switch (form) {
    case StrangeToken::kEmpty:
      return {};
    case StrangeToken::kMalformed:
      return malformed(random);
    case StrangeToken::kFuture:
      bookmark.sequence += up_to(random, kFurthestFuture);
      bookmark.digest = {random(), random()};
      break;
    case StrangeToken::kOtherDatabase:
      bookmark = {up_to(random, 200), up_to(random, 100'000), bookmark.day, {random(), random()}};
      break;
    case StrangeToken::kOtherEpoch:
      if (bookmark.epoch > 1 && random.chance(1, 2)) {
        --bookmark.epoch;
      } else {
        bookmark.epoch += up_to(random, 3);
      }
      break;
  }
  return SessionToken::of(bookmark);
}

void Mischief::lose_answers(FaultId fault, std::uint64_t chance, sim::RandomStream& random) {
  orders_.push_back({fault, What::kLoseAnswers, 1, chance, {}, &random});
}

void Mischief::ask_together(FaultId fault, std::uint32_t queries) {
  orders_.push_back({fault, What::kTogether, 1, queries, {}, nullptr});
}

void Mischief::end(FaultId fault) {
  std::erase_if(orders_, [fault](const Order& order) { return order.fault == fault; });
}

void Mischief::replay_bookmark(FaultId fault, std::uint64_t times) {
  orders_.push_back({fault, What::kReplay, times, 0, {}, nullptr});
}

void Mischief::present(FaultId fault, StrangeToken form, std::uint64_t times, sim::RandomStream& random) {
  orders_.push_back({fault, What::kPresent, times, 0, form, &random});
}

void Mischief::abandon(FaultId fault, std::uint64_t times, sim::RandomStream& random) {
  orders_.push_back({fault, What::kAbandon, times, 0, {}, &random});
}

void Mischief::send_hostile(FaultId fault, std::uint64_t times, sim::RandomStream& random) {
  orders_.push_back({fault, What::kHostile, times, 0, {}, &random});
}

std::uint64_t Mischief::effects(FaultId fault) const {
  const auto found = effects_.find(fault);
  return found == effects_.end() ? 0 : found->second;
}

Mischief::Order* Mischief::first(What what) {
  if (orders_.empty()) [[likely]]
    return nullptr;
  const auto found = std::find_if(orders_.begin(), orders_.end(), [what](const Order& o) { return o.what == what; });
  return found == orders_.end() ? nullptr : &*found;
}

void Mischief::carried_out(Order& order) {
  if (--order.left == 0) orders_.erase(orders_.begin() + (&order - orders_.data()));
}

bool Mischief::loses_answer() {
  const Order* const order = first(What::kLoseAnswers);
  return order != nullptr && order->random->chance_fixed(order->number);
}

std::optional<sim::Duration> Mischief::pause_before_retry() {
  const Order* const order = first(What::kLoseAnswers);
  if (order == nullptr) return std::nullopt;
  note_effect(order->fault);
  return sim::Duration::nanoseconds(static_cast<std::int64_t>(order->random->below(kLongestPauseNs)));
}

std::uint32_t Mischief::queries_together() const {
  const Order* const order = first(What::kTogether);
  return order == nullptr ? 0 : static_cast<std::uint32_t>(order->number);
}

void Mischief::note_together() {
  if (const Order* const order = first(What::kTogether); order != nullptr) note_effect(order->fault);
}

std::optional<Mischief::Presented> Mischief::token_to_present(const SessionToken& newest, const SessionToken& saved) {
  if (Order* const order = first(What::kPresent); order != nullptr) {
    const Presented presented{strange_token(order->form, newest, *order->random), true};
    note_effect(order->fault);
    carried_out(*order);
    return presented;
  }
  Order* const replay = first(What::kReplay);
  if (replay == nullptr || saved.kind() != SessionToken::Kind::kBookmark) return std::nullopt;
  note_effect(replay->fault);
  carried_out(*replay);
  return Presented{saved, false};
}

std::optional<Mischief::Patience> Mischief::patience() {
  Order* const order = first(What::kAbandon);
  if (order == nullptr) return std::nullopt;
  const Patience patience{
      order->fault, sim::Duration::nanoseconds(static_cast<std::int64_t>(order->random->below(kLongestPatienceNs)))};
  carried_out(*order);
  return patience;
}

std::optional<std::uint64_t> Mischief::hostile_request() {
  Order* const order = first(What::kHostile);
  if (order == nullptr) return std::nullopt;
  const std::uint64_t number = (*order->random)();
  note_effect(order->fault);
  carried_out(*order);
  return number;
}

}  // namespace tidemark::model

#include "base/assert.h"
#include "checkers/search/content.h"
#include "checkers/search/state.h"

namespace tidemark::checkers::search {
namespace {

Digest128 fingerprint_of(std::uint32_t key, const Content& content) {
  if (content == Content{}) return {};
  const std::uint64_t low = scramble(content.a + scramble(content.b + scramble(content.length ^ (key + 1ULL) << 32)));
  const std::uint64_t high = scramble(content.b ^ scramble(content.a + 0x632be59bd9b4e019ULL * (key + 1ULL)));
  return {high, low};
}

}  // namespace

Machine::Machine(const Program& program) : program_(program), member_generation_(program.members(), 0) {
  keys_.resize(program.history().keys());
  for (std::uint32_t key = 0; key < keys_.size(); ++key) keys_[key].wanted = program.find_wanted(key, {});
}

bool Machine::holds(std::span<const Action> actions) const {
  for (const Action& action : actions) {
    const bool same = keys_[action.key].content == action.content;
    if (same != (action.kind == ActionKind::kExpect)) return false;
  }
  return true;
}

bool Machine::apply(std::span<const Action> actions) {
  const std::size_t before = mark();
  for (const Action& action : actions) {
    if (action.kind == ActionKind::kExpect || action.kind == ActionKind::kExpectNot) {
      const bool same = keys_[action.key].content == action.content;
      if (same == (action.kind == ActionKind::kExpect)) continue;
      roll_back(before);
      return false;
    }
    change(action);
  }
  return true;
}

void Machine::change(const Action& action) {
  Key& key = keys_[action.key];
  Undo& undo = undo_.emplace_back();
  undo.before = key;
  undo.key = action.key;
  undo.fingerprint = fingerprint_;
  switch (action.kind) {
    case ActionKind::kPut:
      key.content = action.content;
      break;
    case ActionKind::kExtend:
      key.content.a = plus(times(key.content.a, action.scale_a), action.content.a);
      key.content.b = plus(times(key.content.b, action.scale_b), action.content.b);
      key.content.length += action.content.length;
      break;
    case ActionKind::kInsert: {
      std::uint32_t& generation = member_generation_[action.producer];
      if (generation == key.generation) break;
      undo.member = action.producer;
      undo.member_before = generation;
      generation = key.generation;
      key.content.a += action.content.a;
      key.content.b += action.content.b;
      ++key.content.length;
      break;
    }
    case ActionKind::kAdd:
      key.content.a += action.content.a;
      break;
    case ActionKind::kReset:
      key.content = {};
      key.generation = ++generations_;
      TIDEMARK_ASSERT(generations_ != 0, "a search clears keys fewer than 2^32 times");
      break;
    default:
      break;
  }
  const Content& was = undo.before.content;
  if (was == key.content) return;
  key.wanted = program_.find_wanted(action.key, key.content);
  const Digest128 old = fingerprint_of(action.key, was);
  const Digest128 now = fingerprint_of(action.key, key.content);
  fingerprint_ = {fingerprint_.high ^ old.high ^ now.high, fingerprint_.low ^ old.low ^ now.low};
}

void Machine::roll_back(std::size_t mark) {
  while (undo_.size() > mark) {
    const Undo& undo = undo_.back();
    keys_[undo.key] = undo.before;
    if (undo.member != kNone) member_generation_[undo.member] = undo.member_before;
    fingerprint_ = undo.fingerprint;
    undo_.pop_back();
  }
}

}  // namespace tidemark::checkers::search

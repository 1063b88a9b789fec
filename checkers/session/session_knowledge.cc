#include "checkers/session/session_knowledge.h"

namespace tidemark::checkers {

void SessionKnown::read(const SessionMark& mark, bool more) {
  if (apart_) reads_.pop_back();
  reads_.push_back(mark);
  apart_ = !more;
}

void SessionKnown::forget_seen(std::size_t count) {
  reads_.erase(reads_.begin(), reads_.begin() + static_cast<std::ptrdiff_t>(count));
}

void SessionKnown::forget_all() {
  own.clear();
  reads_.clear();
  settled = 0;
  apart_ = false;
}

std::uint32_t SessionKnowledge::free_place() {
  if (free_.empty()) {
    store_.emplace_back();
    return static_cast<std::uint32_t>(store_.size() - 1);
  }
  const std::uint32_t place = free_.back();
  free_.pop_back();
  return place;
}

SessionKnown& SessionKnowledge::touch(std::uint32_t session, std::int64_t key, std::uint64_t number) {
  const Of of{session, key};
  const auto [found, fresh] = places_.try_emplace(of, 0);
  if (fresh) found->second = free_place();
  SessionKnown& known = store_[found->second];
  if (window_ > 0 && (fresh || known.touched_ != number)) touches_.push_back({number, of, found->second});
  known.touched_ = number;
  return known;
}

void SessionKnowledge::advance(std::uint64_t number) {
  if (window_ == 0 || number <= window_) return;
  for (; !touches_.empty() && touches_.front().number < number - window_; touches_.pop_front()) {
    const Touch& oldest = touches_.front();
    SessionKnown& known = store_[oldest.place];
    if (known.touched_ != oldest.number) continue;
    known = SessionKnown{};
    places_.erase(oldest.of);
    free_.push_back(oldest.place);
  }
}

}  // namespace tidemark::checkers

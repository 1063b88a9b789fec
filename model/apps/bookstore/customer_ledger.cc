#include "model/apps/bookstore/customer_ledger.h"

#include <algorithm>
#include <set>

namespace tidemark::model::bookstore {
namespace {

std::string line_text(const CartLine& line) {
  return "line " + std::to_string(line.line) + " (" + std::to_string(line.quantity) + " of book " +
         std::to_string(line.book) + ")";
}

}  // namespace

void CustomerLedger::begun(const ActionBody& request) {
  Request& own = requests_[number_of(request, 1)];
  if (!own.body.name.empty() && (own.body.name != request.name || own.body.values != request.values)) unclear_ = true;
  own.body = request;
  ++own.open;
}

void CustomerLedger::ended(const ActionBody& request, ActionOutcome outcome, const std::vector<CartLine>& cart) {
  const std::int64_t number = number_of(request, 1);
  Request& own = requests_[number];
  if (own.body.name.empty()) own.body = request;
  if (own.open > 0) --own.open;
  if (outcome == ActionOutcome::kUnknown) own.unknown = true;
  if (outcome != ActionOutcome::kOk) return;
  own.acknowledged = true;
  // Only the answer tells whether there was something to update.
  if (own.is("update"))
    own.effective = std::any_of(cart.begin(), cart.end(), [&](const CartLine& line) { return line.line == number; });
}

/// The newest acknowledged request up to `last` that decides about the book; end() when there is none.
CustomerLedger::Requests::const_iterator CustomerLedger::settled(std::int64_t book, std::int64_t last) const {
  for (auto it = requests_.upper_bound(last); it != requests_.begin();) {
    --it;
    if (it->second.acknowledged && it->second.touches(book)) return it;
  }
  return requests_.end();
}

bool CustomerLedger::is_line_of(const Request& request, std::int64_t number, const CartLine& shown) {
  return request.puts() && request.effective && number == shown.line && request.book() == shown.book &&
         request.quantity() == shown.quantity;
}

std::string CustomerLedger::line_problem(std::int64_t book, const CartLine* shown, std::int64_t last) const {
  if (unclear_) return "";
  const auto base = settled(book, last);
  const bool there = base != requests_.end() && base->second.puts() && base->second.effective;
  if (shown != nullptr && there && is_line_of(base->second, base->first, *shown)) return "";
  if (shown == nullptr && !there) return "";
  // Else a request of unknown outcome has to account for it.
  auto it = base == requests_.end() ? requests_.begin() : std::next(base);
  for (; it != requests_.end() && it->first <= last; ++it) {
    const Request& request = it->second;
    if (!request.possible() || !request.touches(book)) continue;
    if (shown != nullptr ? is_line_of(request, it->first, *shown) : !request.puts()) return "";
  }
  const std::string due =
      there ? line_text({base->first, book, base->second.quantity()}) : "nothing of book " + std::to_string(book);
  const std::string by = base == requests_.end() ? ""
                                                 : " since " + base->second.body.name + " " +
                                                       std::to_string(base->first) + " was acknowledged";
  if (shown == nullptr) return due + " is missing, which is there" + by;
  return line_text(*shown) + " is there, and " + due + " is due" + by;
}

std::string CustomerLedger::cart_problem(const std::vector<CartLine>& lines, std::int64_t last) const {
  std::set<std::int64_t> books;
  for (const auto& [number, request] : requests_)
    if (number <= last && !request.is("checkout")) books.insert(request.book());
  for (const CartLine& line : lines) books.insert(line.book);
  for (const std::int64_t book : books) {
    const auto shown =
        std::find_if(lines.begin(), lines.end(), [book](const CartLine& line) { return line.book == book; });
    std::string problem = line_problem(book, shown == lines.end() ? nullptr : &*shown, last);
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string CustomerLedger::number_problem(std::int64_t last) const {
  if (last == 0 || unclear_) return "";
  const auto request = requests_.find(last);
  if (request == requests_.end()) return "nobody has sent a request " + std::to_string(last);
  const bool served = request->second.acknowledged || request->second.possible();
  return served ? "" : request->second.body.name + " " + std::to_string(last) + " has failed";
}

bool CustomerLedger::may_have_placed(std::int64_t number) const {
  if (unclear_) return true;
  const auto request = requests_.find(number);
  if (request == requests_.end() || !request->second.is("checkout")) return false;
  return request->second.acknowledged || request->second.possible();
}

std::vector<std::int64_t> CustomerLedger::placed_up_to(std::int64_t last) const {
  std::vector<std::int64_t> numbers;
  if (unclear_) return numbers;
  for (const auto& [number, request] : requests_)
    if (number <= last && request.acknowledged && request.is("checkout")) numbers.push_back(number);
  return numbers;
}

bool CustomerLedger::may_have_bought(std::int64_t book) const {
  bool was_put = false;
  for (const auto& [number, request] : requests_) {
    const bool may = request.acknowledged || request.possible();
    if (may && request.puts() && request.book() == book) was_put = true;
    if (was_put && request.is("checkout") && request.possible()) return true;
  }
  return false;
}

}  // namespace tidemark::model::bookstore

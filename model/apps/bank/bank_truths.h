// What the customers of the bank rely on, judged by what they were shown.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/apps/application.h"

namespace tidemark::model {

class BankTruths final : public Truths {
 public:
  explicit BankTruths(std::int64_t accounts) : accounts_(accounts) {}
  std::vector<std::string> names() const override;
  void ended(const EndedAction& action, const Broken& broken) override;

 private:
  void see_balances(const EndedAction& action, const Broken& broken) const;
  void see_statement(const EndedAction& action, const Broken& broken);

  const std::int64_t accounts_;
  struct Transfer {
    std::int64_t from = 0, to = 0, amount = 0;
  };
  /// Acknowledged to a session, by reference.
  std::map<std::uint32_t, std::map<std::int64_t, Transfer>> acknowledged_;
};

}  // namespace tidemark::model

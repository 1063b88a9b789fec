// SqlApplication: the application that [sql], [[statement]] and [[assertion]] of a scenario describe. An action is a
// statement by its name with the values of its parameters; it is one query, or one batch, and shows all rows.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/apps/application.h"

namespace tidemark::model {

class SqlApplication final : public Application {
 public:
  explicit SqlApplication(std::shared_ptr<const SqlWorkload> workload);
  std::vector<ActionShape> actions() const override;
  std::string schema() const override;
  std::unique_ptr<User> user(ClientPlace place) const override;
  sim::Task<void> handle(Call& call) const override;
  std::vector<Assertion> assertions() const override;

 private:
  /// A text of a statement as D1 takes it, and which of the action's values it is bound to, in order.
  struct Prepared {
    std::string text;
    std::vector<std::size_t> values;
  };
  const std::shared_ptr<const SqlWorkload> workload_;
  std::map<std::string, std::vector<Prepared>, std::less<>> prepared_;  // by name of the statement
};

/// What a parameter gives next: `sequence` counts how often it was asked for this client and parameter, from 1.
SqlValue generate(const SqlGenerator& generator, ClientPlace place, std::int64_t sequence, sim::Instant now,
                  sim::RandomStream& random);

}  // namespace tidemark::model

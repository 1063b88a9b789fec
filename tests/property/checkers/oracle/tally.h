// How often a property met valid and invalid histories: it proves something only where both are plentiful.
#pragma once

#include <gtest/gtest.h>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::oracle {

struct Tally {
  std::size_t valid = 0;
  std::size_t invalid = 0;
  std::size_t undecided = 0;  // of all, those where the checker said unknown

  void add(bool is_valid) { ++(is_valid ? valid : invalid); }
  void expect_both(double share) const {
    const auto all = static_cast<double>(valid + invalid);
    EXPECT_GE(static_cast<double>(valid), share * all) << valid << " valid, " << invalid << " invalid";
    EXPECT_GE(static_cast<double>(invalid), share * all) << valid << " valid, " << invalid << " invalid";
  }
  void expect_undecided_at_most(double share) const {
    EXPECT_LE(static_cast<double>(undecided), share * static_cast<double>(valid + invalid))
        << undecided << " undecided of " << valid + invalid;
  }
};

}  // namespace tidemark::checkers::oracle

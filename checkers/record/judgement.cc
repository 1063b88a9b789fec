#include "checkers/record/judgement.h"

namespace tidemark::checkers {

const char* to_text(Relation relation) {
  switch (relation) {
    case Relation::kWw:
      return "ww";
    case Relation::kWr:
      return "wr";
    case Relation::kRw:
      return "rw";
    case Relation::kSo:
      return "so";
    case Relation::kRt:
      return "rt";
  }
  return "?";
}

}  // namespace tidemark::checkers

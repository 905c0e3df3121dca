// The order of a result's failures.
#include "model/scenario/result.hpp"

#include <algorithm>

namespace netlimits {

void put_in_printed_order(std::vector<Failure>& failures) {
  std::stable_sort(failures.begin(), failures.end(),
                   [](const Failure& a, const Failure& b) { return a.error < b.error; });
  put_in_printed_order<Failure>(failures);
  std::stable_sort(failures.begin(), failures.end(),
                   [](const Failure& a, const Failure& b) { return a.first_at < b.first_at; });
}

}  // namespace netlimits

// What a kernel showed when a scenario ran on it, beside what it could not show. live/ observes; analysis/ compares it
// with a prediction.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/net/time.hpp"
#include "model/scenario/result.hpp"

namespace netlimits {

// A metric that the observing machine cannot tell, or not exactly.
struct Undetermined {
  std::string pointer{};  // JSON pointer into the result by the names of model/scenario/result.hpp; covers all below
                          // it. "": all
  std::string why{};
};

struct Observation {
  bool ran = false;  // false: nothing was observed, and undetermined[0] says why
  RunResult result{};
  std::string kernel{};     // release
  bool tells_pools = true;  // of every connection it was seen whose it is
  Duration lateness{};      // by how much a connection began later than it was due, at most: the machine was busy
  std::vector<Undetermined> undetermined{};
  std::vector<std::string> remarks{};  // what stands for what
  // What programs of others that played a process printed last, by "host/process".
  std::map<std::string, std::string> said{};
};

}  // namespace netlimits

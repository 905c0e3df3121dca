// What an answer rests on besides the program and the seed: where these are equal, the answers are. A reader of two
// results can tell from it whether they belong to the same question.
#pragma once

#include <string>
#include <vector>

namespace netlimits {

struct ProfileUsed {
  std::string name{};
  std::string kernel{};  // of Linux: the version whose rules it has, "6.18"; else empty
  std::string sha256{};  // of all that it says, its bases included
};

struct Basis {
  std::string sha256{};  // of the file's bytes
  // Of the scenario as it was replayed: the file with the overrides, and the contents of the profiles that it uses.
  // Layout does not count; the seed that a caller asks for stands beside it.
  std::string effective_sha256{};
  std::vector<std::string> overrides{};  // "POINTER=VALUE", in the order in which they were applied
  std::vector<ProfileUsed> profiles{};   // by name
};

}  // namespace netlimits

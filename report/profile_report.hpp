// What `profiles` prints.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "scenarios/profiles.hpp"

namespace netlimits::report {

struct ProfileText {
  std::string name{};
  std::string title{};
  std::string based_on{};  // or empty
  std::vector<scenarios::FigureText> figures{};
};

std::string profile_list(std::span<const ProfileText> profiles);  // a line each
std::string profile_text(const ProfileText& profile);             // every figure with its source
std::string profiles_json(std::span<const ProfileText> profiles);

}  // namespace netlimits::report

// What a comparison of the model with a kernel rests on, as every form of a report names it.
#pragma once

#include <string>

namespace netlimits::report {

struct KernelBasis {
  std::string profile{};  // by which the model answered for Linux
  std::string title{};    // of that profile: "Linux 6.18, with systemd 240 or later"
  std::string kernel{};   // the release that was asked, "6.18.44"; empty: none was
};

// Adds "profile", "profile_title" and "kernel" to a JSON object; null for what there is not.
template <class Json>
void add_basis(Json& made, const KernelBasis& basis) {
  const auto add = [&](const char* key, const std::string& text) {
    made[key] = nullptr;
    if (!text.empty()) made[key] = text;
  };
  add("profile", basis.profile);
  add("profile_title", basis.title);
  add("kernel", basis.kernel);
}

}  // namespace netlimits::report

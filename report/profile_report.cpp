// A list of profiles, one profile's figures, and all of them as JSON.
#include "report/profile_report.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace netlimits::report {

std::string profile_list(std::span<const ProfileText> profiles) {
  std::size_t width = 0;
  for (const ProfileText& profile : profiles) width = std::max(width, text_line(profile.name).size());
  std::string text;
  for (const ProfileText& profile : profiles)
    text += fmt::format("{:<{}}  {}\n", text_line(profile.name), width, text_line(profile.title));
  return text;
}

std::string profile_text(const ProfileText& profile) {
  std::size_t key_width = 0;
  std::size_t value_width = 0;
  for (const scenarios::FigureText& figure : profile.figures) {
    key_width = std::max(key_width, text_line(figure.key).size());
    value_width = std::max(value_width, text_line(figure.value).size());
  }
  std::string text = fmt::format("{}: {}\n", text_line(profile.name), text_line(profile.title));
  if (!profile.based_on.empty()) text += fmt::format("builds on {}\n", text_line(profile.based_on));
  text += "\n";
  for (const scenarios::FigureText& figure : profile.figures) {
    text += fmt::format("{:<{}}  {:<{}}  {}: {}\n", text_line(figure.key), key_width, text_line(figure.value),
                        value_width, text_line(figure.provenance.confidence), text_line(figure.provenance.source));
  }
  return text;
}

std::string profiles_json(std::span<const ProfileText> profiles) {
  nlohmann::json made{{"format", "netlimits.profiles/1"}, {"profiles", nlohmann::json::object()}};
  for (const ProfileText& profile : profiles) {
    nlohmann::json& written = made["profiles"][profile.name];
    written = {{"title", profile.title}, {"figures", nlohmann::json::object()}};
    if (!profile.based_on.empty()) written["based_on"] = profile.based_on;
    for (const scenarios::FigureText& figure : profile.figures) {
      written["figures"][figure.key] = {
          {"value", figure.value}, {"source", figure.provenance.source}, {"confidence", figure.provenance.confidence}};
    }
  }
  return json_bytes(made);
}

}  // namespace netlimits::report

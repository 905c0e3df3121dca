// The escapes of JSON pointers, written and read.
#include "model/scenario/json_pointer.hpp"

namespace netlimits {

std::string pointer_part(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string pointer_to(std::string_view pointer, std::string_view key) {
  return std::string(pointer) + '/' + pointer_part(key);
}

std::optional<std::vector<std::string>> steps_of_pointer(std::string_view pointer) {
  std::vector<std::string> steps;
  if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view raw = pointer.substr(0, pointer.find('/'));
    std::string step;
    for (std::size_t at = 0; at < raw.size(); ++at) {
      if (raw[at] != '~') {
        step += raw[at];
      } else if (++at < raw.size() && (raw[at] == '0' || raw[at] == '1')) {
        step += raw[at] == '0' ? '~' : '/';
      } else {
        return std::nullopt;
      }
    }
    steps.push_back(std::move(step));
    pointer.remove_prefix(raw.size());
  }
  return steps;
}

}  // namespace netlimits

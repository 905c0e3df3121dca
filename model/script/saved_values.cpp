// Templates of a script and what they stand for.
#include "model/script/saved_values.hpp"

#include <utility>

namespace netlimits {

tl::expected<std::string, std::string> SavedValues::filled(const Template& text) const {
  if (text.find('{') == std::string::npos) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string::npos;
    if (end == std::string::npos) {
      out += text[at++];
      continue;
    }
    const std::string name = text.substr(at + 1, end - at - 1);
    if (const auto found = saved_.find(name); found != saved_.end()) {
      out += found->second;
    } else if (name == "i" && !pass_.empty()) {
      out += pass_;
    } else {
      return tl::unexpected(name);
    }
    at = end + 1;
  }
  return out;
}

void SavedValues::save(const Step& step, const Endpoint& endpoint) {
  for (const auto& [what, name] : step.save) {
    if (what == "port") saved_[name] = std::to_string(endpoint.port.value);
    if (what == "address") saved_[name] = endpoint.address.text();
  }
}

std::string SavedValues::enter_loop() { return std::exchange(pass_, {}); }

void SavedValues::pass(std::int64_t number) { pass_ = std::to_string(number); }

void SavedValues::leave_loop(const std::string& outer) { pass_ = outer; }

}  // namespace netlimits

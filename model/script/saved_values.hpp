// What a script saved under a name, and where it stands in a loop: the values of {name} and {i}.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <tl/expected.hpp>

#include "model/net/endpoint.hpp"
#include "model/script/script.hpp"

namespace netlimits {

class SavedValues {
 public:
  // The text with {i} and {name} filled in. The error: a name that was never saved.
  tl::expected<std::string, std::string> filled(const Template& text) const;

  void save(const Step& step, const Endpoint& endpoint);

  // Gives what leave_loop() takes: loops nest.
  [[nodiscard]] std::string enter_loop();
  void pass(std::int64_t number);  // the {i} of the innermost loop
  void leave_loop(const std::string& outer);

 private:
  std::map<std::string, std::string> saved_;
  std::string pass_;
};

}  // namespace netlimits

// Which profile and which settings count on a host.
#include "model/sockets/configuration.hpp"

#include <string>
#include <utility>

#include <boost/assert.hpp>

#include "model/systems/setting.hpp"

namespace netlimits {
namespace {

const OsProfile& profile_of(const HostConfig* config) {
  static const OsProfile plain{};
  BOOST_ASSERT_MSG(config != nullptr, "Configuration: there is one");
  return config->profile ? *config->profile : plain;
}

}  // namespace

Configuration::Configuration(std::shared_ptr<const HostConfig> given)
    : given_(std::move(given)), profile_(&profile_of(given_.get())) {}

Outcome<void> Configuration::write_setting(std::string_view name, std::string_view text) {
  const std::string& system = profile_->system;
  auto changed = std::make_unique<Settings>(settings());
  const auto done = netlimits::write_setting(*changed, system.empty() ? "linux" : system, name, text);
  if (!done) return done;
  written_ = std::move(changed);
  return {};
}

}  // namespace netlimits

// What is in force on one host: what it was given, and the settings written since it began.
#pragma once

#include <memory>
#include <string_view>

#include "model/sockets/host_config.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/refusal.hpp"

namespace netlimits {

class Configuration {
 public:
  explicit Configuration(std::shared_ptr<const HostConfig> given);  // Requires: not null.

  const HostConfig& given() const { return *given_; }
  const OsProfile& profile() const { return *profile_; }
  const Rules& rules() const { return profile_->rules; }
  const Settings& settings() const { return written_ ? *written_ : given_->settings; }

  // At run time, as sysctl -w: refuses with the errno that the kernel's own write gives, and changes nothing then
  // (model/systems/setting.hpp). Requires: the system has a setting of this name.
  Outcome<void> write_setting(std::string_view name, std::string_view text);

 private:
  std::shared_ptr<const HostConfig> given_;
  const OsProfile* profile_;           // the configuration's, or a plain Linux
  std::unique_ptr<Settings> written_;  // nothing until a setting is written
};

}  // namespace netlimits

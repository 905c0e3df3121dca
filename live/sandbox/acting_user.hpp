// Whose sockets the calling thread makes: the file-system user id decides who may share a port by SO_REUSEPORT, and a
// capability who may bind a low one.
#pragma once

#include <cstdint>
#include <optional>

#include "live/sandbox/unavailable.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::live {

// While it lives, this thread makes sockets as the user `uid` of the host does. User 0 is the sandbox's root, as the
// thread is anyhow. Another one loses the right to low ports. An ordinary user's sandbox has only user 0: another one
// is refused where it matters that it is another (processes of several users share a port), and is root's otherwise.
class ActingUser {
 public:
  ActingUser(const HostGroup& host, std::uint32_t uid);
  ActingUser(const ActingUser&) = delete;
  ActingUser& operator=(const ActingUser&) = delete;
  ~ActingUser();

  const std::optional<SystemFailure>& trouble() const { return trouble_; }
  void stay() { stays_ = true; }  // for the rest of the process

 private:
  bool changed_ = false;
  bool stays_ = false;
  std::optional<SystemFailure> trouble_;
};

}  // namespace netlimits::live

// The hosts, and sockets on them that are bound or listen already.
#include "tests/model/host_world.hpp"

#include "model/systems/os_profile.hpp"

namespace netlimits::test {

std::vector<std::string> Outside::two_addresses() { return {"192.0.2.8/32", "2001:db8::8/128"}; }

World::World() : World(Outside()) {}
World::World(const Outside& outside) { add_host(outside); }

std::size_t World::add_host(const Outside& outside) {
  auto profile = std::make_shared<OsProfile>();
  profile->system = "linux";
  profile->rules = outside.rules;
  HostConfig config;
  config.profile = profile;
  config.settings = outside.settings;
  config.group_draws = outside.group_draws;
  for (const std::string& text : outside.addresses) config.addresses.push_back(AddressBlock::parse(text).value());
  hosts.push_back(std::make_unique<Host>(std::move(config)));
  processes.push_back(hosts.back()->add_process({.name = "p", .nofile = 1'000'000}));
  return hosts.size() - 1;
}

SocketId World::bound(Endpoint local, const std::vector<Option>& options, std::size_t number) {
  const SocketId socket = tcp(local.address.family(), number);
  for (const Option option : options) (void)host(number).set_option(socket, option, 1);
  last = error_of(host(number).bind(socket, local, {}));
  return socket;
}

SocketId World::listener(Endpoint local, std::int64_t backlog, const std::vector<Option>& options, std::size_t number) {
  const SocketId socket = bound(local, options, number);
  if (!last) last = error_of(host(number).listen(socket, backlog, {}));
  return socket;
}

}  // namespace netlimits::test

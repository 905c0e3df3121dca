// Lines of /proc/PID/cgroup, and the version in a kernel's release.
#include "model/machine/cgroup_membership.hpp"

#include "model/systems/kernel_version.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("the lines of /proc/PID/cgroup, version 1 and 2") {
  const auto read =
      parse_cgroup_memberships("9:name=systemd:/a\n4:memory:/b c\n3:cpu,cpuacct:/\n\n0::/system.slice/web.service\n");
  REQUIRE(read);
  REQUIRE(read->size() == 4);
  CHECK_FALSE(read->at(0).unified);
  CHECK(read->at(1).controllers == std::vector<std::string>{"memory"});
  CHECK(read->at(1).path == "/b c");
  CHECK(read->at(2).controllers == std::vector<std::string>{"cpu", "cpuacct"});
  CHECK(read->at(3).unified);
  CHECK(read->at(3).path == "/system.slice/web.service");
}

TEST_CASE("a line that is none is told by its number") {
  for (const char* line : {"rubbish", "4:memory", "x:memory:/a", ":memory:/a", "4:memory:", "4:memory:a", "-1::/"}) {
    CAPTURE(line);
    const auto read = parse_cgroup_memberships(std::string("0::/\n\n") + line + "\n");
    REQUIRE_FALSE(read);
    CHECK(read.error() == 3);
  }
}

TEST_CASE("the path of a control group tells who made it, where it does") {
  CHECK(container_of("/kubepods/burstable/pod1/5b0c") == "Kubernetes");
  CHECK(container_of("/kubepods.slice/kubepods-pod1.slice/cri-containerd-5b0c.scope") == "Kubernetes");
  CHECK(container_of("/docker/5b0c") == "Docker");
  CHECK(container_of("/system.slice/docker-5b0c.scope") == "Docker");
  CHECK(container_of("/machine.slice/libpod-5b0c.scope") == "Podman");
  CHECK(container_of("/system.slice/nginx.service").empty());
  CHECK(container_of("/").empty());
}

TEST_CASE("a kernel's release begins with its version") {
  CHECK(kernel_version("6.18.44-amd64") == KernelVersion{6, 18});
  CHECK(kernel_version("5.10") == KernelVersion{5, 10});
  CHECK(kernel_version("6.1-rc3") == KernelVersion{6, 1});
  CHECK_FALSE(kernel_version("6"));
  CHECK_FALSE(kernel_version("6."));
  CHECK_FALSE(kernel_version("v6.1"));
  CHECK_FALSE(kernel_version(""));
}

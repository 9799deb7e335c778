// Which Alcove this is.
#pragma once

namespace alcove {

// "0.2.0 (1f2e3d4c5b6a)": the version, and the commit that was built; with "-dirty" where files that git knows were
// changed, and "0.2.0 (commit unknown)" where the sources were no git checkout. As of the build.
extern const char* const kVersion;

}  // namespace alcove

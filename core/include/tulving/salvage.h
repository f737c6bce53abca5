#pragma once

#include <filesystem>

#include "tulving/result.h"
#include "tulving/snapshot.h"

namespace tulving {

/// Writes what is sound of the store in `directory` into the new snapshot `to`, from which
/// Store::restore() makes a store:
///  - of one whose log two writers had open at once, which releases before 0.2 let happen, all that
///    the first one wrote;
///  - of one whose log is damaged or lost its end, all that was written before that; what had been
///    moved into tables already is there, too, so that a memory may lack a vector of a later write;
///  - of one that opens, all.
/// The store is left as it is. kNotFound: there is none. kCorruption: it is damaged in another way,
/// in its marker, CURRENT, MANIFEST, a table or a blob file. kConflict: `to` exists and is not
/// empty.
Result<SnapshotInfo> salvage(const std::filesystem::path& directory,
                             const std::filesystem::path& to);

}  // namespace tulving

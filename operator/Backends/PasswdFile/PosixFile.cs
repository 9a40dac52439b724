using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailOperator.Backends.PasswdFile;

/// <summary>What the kernel says about a file.</summary>
/// <param name="Inode">Its number on its file system.</param>
/// <param name="IsRegular">It is no directory, device, pipe or socket.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="IsMountPoint">Something is mounted exactly there.</param>
/// <param name="Uid">Its owner.</param>
/// <param name="Gid">Its group.</param>
internal readonly record struct PosixStat(
    ulong Inode, bool IsRegular, uint Links, bool IsMountPoint, uint Uid, uint Gid);

/// <summary>System calls that .NET lacks.</summary>
internal static partial class PosixFile
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int ItselfNotAPath = 0x1000; // AT_EMPTY_PATH
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const ulong MountRoot = 0x2000; // STATX_ATTR_MOUNT_ROOT
    private const int WriteOnly = 1; // O_WRONLY
    private const int OwnerOnly = 0x180; // 0600
    private const int MaxAttribute = 64 * 1024; // XATTR_SIZE_MAX

    // O_TMPFILE with the O_DIRECTORY that is part of it, which is another bit on ARM.
    private static readonly int NamelessFile =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x404000 : 0x410000;

    /// <summary>Flushes a directory to the disk; otherwise a power failure may undo a rename.</summary>
    public static void FlushDirectory(string path)
    {
        using SafeFileHandle directory = Opened(Open(path, 0, 0), $"Directory {path} cannot be opened");
        if (Flush(directory) != 0)
        {
            throw new IOException($"Directory {path} cannot be flushed (errno {Marshal.GetLastPInvokeError()}).");
        }
    }

    /// <summary>
    /// Whether a file of this size can be made in a directory. It has no name at any time, so it leaves no trace. A
    /// file system that cannot make such a file is taken for a writable one.
    /// </summary>
    /// <exception cref="IOException">It cannot be made, or has no place.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may make no file there.</exception>
    public static void TryFileIn(string directory, int bytes)
    {
        const int isDirectory = 21, notSupported = 95; // what a kernel or a file system without it answers
        int descriptor = Open(directory, NamelessFile | WriteOnly, OwnerOnly);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() is isDirectory or notSupported)
        {
            return;
        }

        using SafeFileHandle file = Opened(descriptor, $"No file can be made in {directory}");
        RandomAccess.Write(file, new byte[bytes], fileOffset: 0);
    }

    /// <summary>
    /// Gives the file the owner and group of another, as far as this process may, and its access list and label.
    /// </summary>
    /// <returns>The owner and group that it has now.</returns>
    public static (uint Uid, uint Gid) CopyAccess(string from, PosixStat known, SafeFileHandle to)
    {
        if (ChangeOwner(to, known.Uid, known.Gid) != 0)
        {
            _ = ChangeOwner(to, uint.MaxValue, known.Gid); // not root: set at least the group
        }

        CopyAttribute("system.posix_acl_access", from, to);
        CopyAttribute("security.selinux", from, to);
        return Stat((int)to.DangerousGetHandle(), "", ItselfNotAPath) is { } now ? (now.Uid, now.Gid) : default;
    }

    /// <summary>What a path names now, after symbolic links; null if that cannot be examined.</summary>
    public static PosixStat? Find(string path) => Stat(CurrentDirectory, path, flags: 0);

    /// <summary>The inode of an open file, whatever its name is now.</summary>
    public static ulong? InodeOf(SafeFileHandle file) =>
        Stat((int)file.DangerousGetHandle(), "", ItselfNotAPath)?.Inode;

    private static void CopyAttribute(string name, string from, SafeFileHandle to)
    {
        byte[] value = new byte[MaxAttribute];
        nint length = GetAttribute(from, name, value, value.Length);
        if (length > 0)
        {
            _ = SetAttribute(to, name, value, length, 0); // where it cannot be set, the directory's own applies
        }
    }

    private static SafeFileHandle Opened(int descriptor, string otherwise)
    {
        const int notPermitted = 1, accessDenied = 13;
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true)
            : Marshal.GetLastPInvokeError() is notPermitted or accessDenied
                ? throw new UnauthorizedAccessException($"{otherwise}: access is denied.")
                : throw new IOException(
                    $"{otherwise}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.",
                    Marshal.GetLastPInvokeError());
    }

    // statx's fields have the same offsets on every architecture.
    private static PosixStat? Stat(int directory, string path, int flags)
    {
        Span<byte> stat = stackalloc byte[256];
        return Statx(directory, path, flags, BasicStats, ref MemoryMarshal.GetReference(stat)) == 0
            ? new PosixStat(
                Inode: BitConverter.ToUInt64(stat[32..]),
                IsRegular: (BitConverter.ToUInt16(stat[28..]) & TypeMask) == RegularFile,
                Links: BitConverter.ToUInt32(stat[16..]),
                IsMountPoint: (BitConverter.ToUInt64(stat[8..]) & MountRoot) != 0,
                Uid: BitConverter.ToUInt32(stat[20..]),
                Gid: BitConverter.ToUInt32(stat[24..]))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwner(SafeFileHandle file, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte stat);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(string path, string name, byte[] value, nint size);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(SafeFileHandle file, string name, byte[] value, nint size, int flags);
}

using System.Security.Cryptography;

namespace MailOperator.Portal.Pages;

/// <summary>
/// The pages' style, script and icon. Each has its hash in its name, so that browsers may cache it forever. They are
/// embedded in this assembly, so that pages load nothing from other servers.
/// </summary>
internal sealed class Assets
{
    private readonly Dictionary<string, Asset> _byPath;

    public Assets()
    {
        Style = Read("portal.css", "text/css; charset=utf-8");
        Script = Read("portal.js", "text/javascript; charset=utf-8");
        Icon = Read("icon.svg", "image/svg+xml");
        _byPath = new[] { Style, Script, Icon }.ToDictionary(static asset => asset.Path, StringComparer.Ordinal);
    }

    public Asset Style { get; }

    public Asset Script { get; }

    public Asset Icon { get; }

    /// <summary>The asset with this path; null if there is none.</summary>
    /// <param name="path">The path below the portal's root, without a slash at its beginning.</param>
    public Asset? Find(string path) => _byPath.GetValueOrDefault(path);

    private static Asset Read(string name, string contentType)
    {
        using Stream stream = typeof(Assets).Assembly.GetManifestResourceStream($"portal/{name}")
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        string hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
        string path = $"assets/{Path.GetFileNameWithoutExtension(name)}.{hash}{Path.GetExtension(name)}";
        return new Asset(path, contentType, content);
    }
}

/// <summary>A static file.</summary>
internal sealed class Asset(string path, string contentType, byte[] content)
{
    /// <summary>The path below the portal's root, without a slash at its beginning.</summary>
    public string Path => path;

    public string ContentType => contentType;

    public byte[] Content => content;
}

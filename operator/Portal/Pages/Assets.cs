using System.Security.Cryptography;

namespace MailOperator.Portal.Pages;

/// <summary>
/// The page's style, script and icon. Each is named by its hash, so that browsers may keep it for good; they lie in this
/// assembly, so that nothing is asked of any other server.
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

    /// <param name="path">Path below the portal's root.</param>
    public Asset? Find(string path) => _byPath.GetValueOrDefault(path);

    private static Asset Read(string name, string contentType)
    {
        using Stream stream = typeof(Assets).Assembly.GetManifestResourceStream($"portal/{name}")
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        string hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
        return new Asset($"assets/{Path.GetFileNameWithoutExtension(name)}.{hash}{Path.GetExtension(name)}", contentType, content);
    }
}

/// <summary>One file, as it is sent.</summary>
internal sealed class Asset(string path, string contentType, byte[] content)
{
    /// <summary>Path below the portal's root.</summary>
    public string Path => path;

    public string ContentType => contentType;

    public byte[] Content => content;
}

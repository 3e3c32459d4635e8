#!/usr/bin/env python3
"""Makes the test pictures and the resize truth beside them; run it only to add a kind.

    python3 -m venv target/pictures && target/pictures/bin/pip install pillow==11.3.0
    target/pictures/bin/python tests/pictures/make.py

Pillow is pinned: its 13.0.0 swaps the passes of a resize for some shapes. The pictures are drawn here, so they are free.
"""
import hashlib
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent


def scene(width, height):
    """An asymmetric picture with slopes, edges and fine grain, from integers only."""
    picture = Image.new("RGB", (width, height))
    pixels = picture.load()
    for y in range(height):
        for x in range(width):
            grain = (x * 7919 + y * 104729) % 23
            pixels[x, y] = (
                min(255, x * 200 // width + grain),
                min(255, y * 180 // height + grain * 2),
                (x * x // 97 + y * y // 89) % 256,
            )
    draw = ImageDraw.Draw(picture)
    draw.rectangle([width // 8, height // 2, width // 2, height * 7 // 8], fill=(150, 90, 40))
    draw.ellipse([width * 5 // 8, height // 8, width * 15 // 16, height // 2], fill=(240, 220, 60), outline=(10, 10, 90))
    draw.line([0, height - 1, width - 1, height // 3], fill=(250, 250, 250), width=max(1, width // 60))
    return picture


def save(name, picture, **options):
    picture.save(HERE / name, **options)


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def pictures():
    base = scene(160, 120)
    save("jpeg_444.jpg", base, quality=90, subsampling=0)
    save("jpeg_420.jpg", base, quality=80, subsampling=2)
    save("jpeg_422_odd.jpg", scene(157, 83), quality=80, subsampling=1)
    save("jpeg_progressive.jpg", base, quality=75, progressive=True)
    save("jpeg_gray.jpg", base.convert("L"), quality=80)
    save("jpeg_cmyk.jpg", base.convert("CMYK"), quality=85)
    save("jpeg_restart.jpg", scene(200, 64), quality=60, restart_marker_blocks=4)
    save("jpeg_tall.jpg", scene(40, 500), quality=70)
    save("jpeg_640x480.jpg", scene(640, 480), quality=50)
    for orientation in range(1, 9):
        turned = {
            1: base,
            2: base.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
            3: base.transpose(Image.Transpose.ROTATE_180),
            4: base.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
            5: base.transpose(Image.Transpose.TRANSPOSE),
            6: base.transpose(Image.Transpose.ROTATE_90),
            7: base.transpose(Image.Transpose.TRANSVERSE),
            8: base.transpose(Image.Transpose.ROTATE_270),
        }[orientation]
        save(f"png_orientation_{orientation}.png", turned.quantize(32), exif=exif(orientation))
    save("jpeg_orientation_6.jpg", base.transpose(Image.Transpose.ROTATE_90), quality=80, exif=exif(6))
    save("png_rgb.png", scene(96, 70))
    save("png_palette.png", base.quantize(64))
    save("png_gray.png", scene(90, 90).convert("L"))
    save("png_1x1.png", Image.new("RGB", (1, 1), (200, 30, 90)))
    save("png_224.png", scene(224, 224).quantize(64))
    alpha = scene(80, 60)
    alpha.putalpha(Image.linear_gradient("L").resize((80, 60)))
    save("png_alpha.png", alpha)
    deep = scene(64, 48).convert("L").convert("I;16")
    save("png_gray_16.png", deep)
    save("webp_lossy.webp", base, quality=70)
    save("webp_lossless.webp", scene(75, 101), lossless=True)
    save("webp_alpha.webp", alpha, quality=70)
    save("gif.gif", base.quantize(64))
    frames = [scene(80, 80).quantize(32), Image.new("RGB", (80, 80), (255, 0, 0)).quantize(2)]
    save("gif_animated.gif", frames[0], save_all=True, append_images=frames[1:], duration=100)
    save("bmp.bmp", scene(61, 47))


def formula(width, height):
    """Bytes that `tests/core/resize.rs` computes too."""
    return bytes(
        (x * x * 31 + y * 57 + x * y * 13 + channel * 101) % 256
        for y in range(height)
        for x in range(width)
        for channel in range(3)
    )


def resize_truth():
    """A line a case: source width and height, target width and height, SHA-256 of Pillow's bytes."""
    sources = [(1, 1), (2, 3), (7, 500), (100, 100), (223, 225), (224, 224), (240, 320), (320, 240), (640, 480), (1999, 37)]
    lines = []
    for source in sources:
        picture = Image.frombytes("RGB", source, formula(*source))
        for target in [(224, 224), (96, 96), (161, 333)]:
            resized = picture.resize(target, Image.Resampling.BILINEAR).tobytes()
            lines.append(" ".join(map(str, (*source, *target, hashlib.sha256(resized).hexdigest()))))
    (HERE / "resize.txt").write_text("\n".join(lines) + "\n")


pictures()
resize_truth()

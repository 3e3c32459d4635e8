// Double bed with a wooden headboard, a duvet and two pillows, in a plain room.
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "common.inc"

camera {
  location <-255, 185, -330>
  right x*4/3 up y
  angle 39
  look_at <10, 46, 0>
}
sky_sphere { pigment { rgb 0.85 } }
PlankFloor(srgb <0.74, 0.58, 0.41>, srgb <0.60, 0.44, 0.28>)
plane { -z, -118 pigment { srgb <0.86, 0.83, 0.77> } }
object { RBox(<-2000, 0, 116>, <2000, 11, 119>, 0.8) pigment { rgb 0.9 } }
Softbox(<-320, 360, -200>, <0, 40, 0>, 240, rgb <1, 0.97, 0.92>*0.55)
Fill(<300, 300, -260>, rgb 0.15)

#declare Brown = Wood(srgb <0.55, 0.34, 0.20>, srgb <0.37, 0.21, 0.11>, 1)

// Frame: rails, foot rail, headboard with three panels, posts.
#declare S = -1;
#while (S < 2)
  object { RBox(<S*82 - 2, 17, -103>, <S*82 + 2, 35, 104>, 0.6) texture { Brown translate S*9*y } }
  object { RBox(<S*77 - 4, 0, -104>, <S*77 + 4, 33, -96>, 0.8) texture { Brown rotate 90*x translate S*9*x } }
  object { RBox(<S*85 - 4.5, 0, 102>, <S*85 + 4.5, 118, 111>, 0.8) texture { Brown rotate 90*x translate S*14*x } }
  #declare S = S + 2;
#end
object { RBox(<-82, 17, -105>, <82, 35, -101>, 0.6) texture { Brown rotate 90*y } }
object { RBox(<-90, 116, 100.5>, <90, 122, 112.5>, 1) texture { Brown rotate 90*y translate 8*y } }
object { RBox(<-82, 104, 103>, <82, 117, 109>, 0.6) texture { Brown rotate 90*y translate 3*y } }
object { RBox(<-82, 40, 103>, <82, 56, 109>, 0.6) texture { Brown rotate 90*y translate 19*y } }
box { <-82, 50, 105>, <82, 110, 107.5> texture { Brown rotate 90*x } }
#declare I = -1;
#while (I < 2)
  object { RBox(<I*27 - 4, 50, 103>, <I*27 + 4, 110, 109>, 0.6) texture { Brown rotate 90*x translate I*16 } }
  #declare I = I + 2;
#end

// Mattress.
object { Cushion(81, 13, 100, 5, 0, 0.3, 2) translate <0, 43, 1> Fabric(srgb <0.93, 0.92, 0.89>, 0.3) }

// Duvet: lies on the mattress from the foot end up and hangs down both sides in folds.
#declare Linen = texture {
  pigment { srgb <0.90, 0.895, 0.88> }
  normal { average normal_map { [1 granite 0.08 scale 2] [1 wrinkles 0.25 scale 30] } }
  finish { diffuse 0.85 }
}
#declare Hang = function (y) { min(1, max(0, (12 - y)/30)) }
isosurface {
  function {
    RoundBox(x, y + 8, z, 90, 30, 81, 9)
    - 2.2*Hang(y)*(sin(z/7.5 + 3*Noise(z/31, 0, 4)) * min(1, max(0, (abs(x) - 72)/8)) + sin(x/7.5 + 3*Noise(x/31, 2, 0)) * min(1, max(0, (abs(z) - 70)/8)))
    - 6*(Noise(x/34, 0, z/34) - 0.5)
    - 3*(Noise((x + z)/11 + 3, y/20, (x - z)/26) - 0.5)
    - 1.6*(Noise(x/7, y/14, z/9 + 9) - 0.5)
  }
  contained_by { box { <-97, -23, -92>, <97, 28, 90> } }
  accuracy 0.02
  max_gradient 1.5
  texture { Linen }
  translate <0, 41, -28>
}
// Turned-down edge.
isosurface {
  function {
    RoundBox(x, y + 8, z, 90.6, 29, 15, 4)
    - 2.0*Hang(y)*sin(z/6 + 3*Noise(z/31, 0, 4))
    - 4*(Noise(x/34, 0, z/34) - 0.5) - 1.2*(Noise(x/12 + 3, y/20, z/15) - 0.5)
  }
  contained_by { box { <-97, -27, -20>, <97, 26, 20> } }
  accuracy 0.02
  max_gradient 1.5
  texture { pigment { srgb <0.45, 0.56, 0.66> } normal { wrinkles 0.2 scale 25 } }
  translate <0, 47.5, 42>
}

// Pillows.
#declare Pillow = superellipsoid {
  <0.38, 1.1>
  scale <37, 25, 12.5>
  texture {
    pigment { srgb <0.88, 0.875, 0.86> }
    normal { average normal_map { [1 granite 0.08 scale 2] [2 bumps 0.9 scale <9, 14, 9>] [1 wrinkles 0.4 scale 26] } }
    finish { diffuse 0.8 }
  }
}
object { Pillow rotate 52*x rotate -3*y translate <-40, 70, 82> }
object { Pillow rotate 180*z rotate 55*x rotate 4*y translate <40, 69.5, 82> }
